package org.wherefore.journal.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

import org.h2.jdbcx.JdbcConnectionPool;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Schema;
import org.wherefore.api.journal.Feedback;
import org.wherefore.api.journal.FeedbackCount;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.Page;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.journal.StoredRecord;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * The journal in an embedded H2 database at {@code <home>/journal}. A commit is written to the file before the call returns
 * ({@code WRITE_DELAY=0}); the {@code retry:} file system reopens the file when an interrupted caller closed its channel. An imported data set is a generation: one row per user's history, made visible by one row at the end.
 */
@Component(service = Journal.class, immediate = true)
public class H2Journal implements Journal {
    private static final int CACHED_USERS = 20_000;
    private static final int BATCH = 1_000;
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** What the tables and their binary columns look like; goes up with every change, together with a migration. */
    private static final int FORMAT = 1;
    private static final String[] TABLES = {
        "create table if not exists generation(domain varchar primary key, gen int not null)",
        "create table if not exists history(domain varchar, gen int, usr varchar, data varbinary, primary key(domain, gen, usr))",
        "create table if not exists entity(domain varchar, kind varchar, id varchar, gen int, title varchar, attributes varchar,"
                + " primary key(domain, kind, id, gen))",
        "create table if not exists event(seq identity primary key, domain varchar, id varchar, usr varchar, item varchar,"
                + " kind varchar, time timestamp with time zone, unique(domain, id))",
        "create index if not exists event_user on event(domain, usr)",
        "create table if not exists judged(seq identity primary key, domain varchar, gen int, role varchar, id varchar,"
                + " time timestamp with time zone, data varbinary, unique(domain, role, id, gen))",
        "create index if not exists judged_time on judged(domain, role, time)",
        "create table if not exists label(domain varchar, role varchar, id varchar, label varchar, primary key(domain, role, id))",
        "create table if not exists prediction(id varchar primary key, domain varchar, model varchar, version int,"
                + " explained boolean, data varbinary)",
        "create table if not exists feedback(id varchar primary key, domain varchar, prediction varchar, target varchar, kind varchar,"
                + " val double, comment varchar, author varchar, time timestamp with time zone, model varchar, version int,"
                + " explained boolean)"};
    /** Tables with a binary column, and its number. */
    static final Map<String, Integer> BINARY = Map.of("HISTORY", 3, "PREDICTION", 5, "JUDGED", 6);
    /** A file up to this size, in bytes, may be one that was just made. */
    private static final long EMPTY = 32_768;
    private static final String INSERT_RECORD = "insert into judged(domain, gen, role, id, time, data) values(?, ?, ?, ?, ?, ?)";
    private static final String STORED = "select j.id, j.time, j.data, l.label from judged j left join label l on l.domain = j.domain and l.role = j.role"
            + " and l.id = j.id";
    private static final String NAME = "journal";
    private static final String USER = "sa";
    private static final System.Logger LOG = System.getLogger(H2Journal.class.getName());
    /** Generation of entities that were put one by one; it wins over imported ones and stays when data are imported. */
    private static final int LIVE = 0;

    private final JdbcConnectionPool pool;
    private final PredictionWriter writer;
    private final Map<String, Counts> counts = new ConcurrentHashMap<>();
    private final Map<Reader, List<Event>> cache = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Reader, List<Event>> eldest) {
            return size() > CACHED_USERS;
        }
    });

    /** Goes up with every write that changes histories: what was read before it is not cached. */
    private final AtomicLong writes = new AtomicLong();
    /** Building counts excludes appending, so that no event is counted twice or missed. */
    private final ReadWriteLock counting = new ReentrantReadWriteLock();

    /** Whose history is cached. */
    private record Reader(String domain, String user) {}

    @Activate
    public H2Journal(BundleContext context) {
        this(Path.of(context.getProperty("wherefore.home")));
    }

    H2Journal(Path home) {
        Path folder = home.toAbsolutePath().resolve("journal");
        JdbcConnectionPool opened = JdbcConnectionPool.create("jdbc:h2:retry:" + folder.resolve(NAME)
                + ";WRITE_DELAY=0;COMPRESS=TRUE;DB_CLOSE_ON_EXIT=FALSE", USER, "");
        opened.setMaxConnections(8);
        try {
            try {
                prepare(home, opened);
            } catch (SQLException e) {
                if (!Salvage.wanted(e)) {
                    throw e;
                }
                LOG.log(System.Logger.Level.WARNING, "the journal of " + home + " has a wrong map of free space, what is in it is written anew: " + e.getMessage());
                Path kept = Salvage.run(folder, NAME, USER, BINARY);
                prepare(home, opened);
                LOG.log(System.Logger.Level.WARNING, "the journal of " + home + " is whole again; the old file is kept as " + kept);
            }
        } catch (WhereforeException e) {
            opened.dispose();
            throw e;
        } catch (SQLException | IOException e) {
            opened.dispose();
            throw new WhereforeException(ErrorCode.STORAGE, "the journal of " + home + " can't be opened"
                    + (e.getMessage().contains("already in use") ? ": another process uses this home; stop it, or name another --home"
                            : ": " + e.getMessage() + "; nothing was changed: keep a copy of " + folder
                                    + ", then put a backup in its place or name another --home"), e);
        }
        pool = opened;
        writer = new PredictionWriter(pool);
    }

    private static void prepare(Path home, JdbcConnectionPool pool) throws SQLException {
        long size = home.resolve("journal").resolve(NAME + ".mv.db").toFile().length();
        try (Connection c = pool.getConnection(); Statement s = c.createStatement()) {
            checkFormat(home, s, size);
            for (String table : TABLES) {
                s.execute(table);
            }
        }
    }

    private static void checkFormat(Path home, Statement s, long size) throws SQLException {
        boolean used = s.executeQuery("select 1 from information_schema.tables where table_name = 'HISTORY'").next();
        s.execute("create table if not exists format(version int primary key)");
        ResultSet r = s.executeQuery("select max(version) from format");
        int found = r.next() ? r.getInt(1) : 0;
        if (!used && found == 0 && size > EMPTY) {
            // H2 takes a file without any whole chunk for a new one.
            throw new WhereforeException(ErrorCode.STORAGE, "the journal of " + home + " has " + size + " bytes but nothing in it can be"
                    + " read; put a backup in the place of " + home.resolve("journal") + ", or name another --home");
        }
        if (!used && found == 0) {
            s.execute("insert into format values(" + FORMAT + ")");
        } else if (found != FORMAT) {
            throw new WhereforeException(ErrorCode.STORAGE, "the journal of " + home + " has format " + found
                    + ", this version of Wherefore reads format " + FORMAT + "; use the version that wrote it, or another --home");
        }
    }

    @Deactivate
    void close() {
        try {
            writer.close();
        } catch (WhereforeException e) {
            LOG.log(System.Logger.Level.ERROR, "predictions were lost on closing", e);
        }
        try (Connection c = pool.getConnection(); Statement s = c.createStatement()) {
            s.execute("shutdown");
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.WARNING, "the journal did not close cleanly", e);
        } finally {
            pool.dispose();
        }
    }

    /** A piece of work on one connection, committed as one. */
    private interface Work<T> {
        T on(Connection c) throws SQLException;
    }

    private <T> T transaction(Work<T> work) {
        try (Connection c = pool.getConnection()) {
            c.setAutoCommit(false);
            try {
                T out = work.on(c);
                c.commit();
                return out;
            } catch (SQLException | RuntimeException e) {
                c.rollback();
                throw e;
            } finally {
                c.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the journal could not be read or written, nothing was stored: "
                    + e.getMessage(), e);
        }
    }

    private static int generation(Connection c, String domain) throws SQLException {
        try (PreparedStatement s = c.prepareStatement("select gen from generation where domain = ?")) {
            s.setString(1, domain);
            ResultSet r = s.executeQuery();
            return r.next() ? r.getInt(1) : LIVE;
        }
    }

    @Override
    public void importData(String domain, CleanData data, List<StoredRecord> records) {
        int before = transaction(c -> generation(c, domain));
        int next = before + 1;
        transaction(c -> {
            drop(c, domain, next);
            return null;
        });
        transaction(c -> {
            try (PreparedStatement s = c.prepareStatement("insert into history values(?, ?, ?, ?)")) {
                int n = 0;
                for (Map.Entry<String, List<Event>> h : data.histories().entrySet()) {
                    s.setString(1, domain);
                    s.setInt(2, next);
                    s.setString(3, h.getKey());
                    s.setBytes(4, HistoryCodec.write(h.getValue()));
                    s.addBatch();
                    if (++n % BATCH == 0) {
                        s.executeBatch();
                    }
                }
                s.executeBatch();
            }
            try (PreparedStatement s = c.prepareStatement("merge into entity values(?, ?, ?, ?, ?, ?)")) {
                int n = 0;
                for (Entity e : data.entities()) {
                    entity(s, domain, e, next);
                    if (++n % BATCH == 0) {
                        s.executeBatch();
                    }
                }
                if (data.entities().stream().noneMatch(e -> e.kind().equals("user"))) {
                    for (String user : data.histories().keySet()) {
                        entity(s, domain, new Entity("user", user, user, Map.of()), next);
                        if (++n % BATCH == 0) {
                            s.executeBatch();
                        }
                    }
                }
                s.executeBatch();
            }
            try (PreparedStatement s = c.prepareStatement(INSERT_RECORD)) {
                int n = 0;
                for (StoredRecord r : records) {
                    record(s, domain, r, next);
                    if (++n % BATCH == 0) {
                        s.executeBatch();
                    }
                }
                s.executeBatch();
            }
            try (PreparedStatement s = c.prepareStatement("merge into generation values(?, ?)")) {
                s.setString(1, domain);
                s.setInt(2, next);
                s.executeUpdate();
            }
            return null;
        });
        synchronized (cache) {
            writes.incrementAndGet();
            cache.clear();
        }
        counting.writeLock().lock();
        try {
            counts.remove(domain);
        } finally {
            counting.writeLock().unlock();
        }
        transaction(c -> {
            if (before != LIVE) {
                drop(c, domain, before);
            }
            return null;
        });
    }

    private static void drop(Connection c, String domain, int generation) throws SQLException {
        for (String table : List.of("history", "entity", "judged")) {
            try (PreparedStatement s = c.prepareStatement("delete from " + table + " where domain = ? and gen = ?")) {
                s.setString(1, domain);
                s.setInt(2, generation);
                s.executeUpdate();
            }
        }
    }

    private static void entity(PreparedStatement s, String domain, Entity e, int generation) throws SQLException {
        try {
            s.setString(1, domain);
            s.setString(2, e.kind());
            s.setString(3, e.id());
            s.setInt(4, generation);
            s.setString(5, e.title());
            s.setString(6, MAPPER.writeValueAsString(e.attributes()));
            s.addBatch();
        } catch (JsonProcessingException x) {
            throw new WhereforeException(ErrorCode.INTERNAL, "attributes of " + e.kind() + " " + e.id() + " can't be written", x);
        }
    }

    @Override
    public int append(String domain, List<Event> events) {
        List<Event> fresh;
        counting.readLock().lock();
        try {
            fresh = insert(domain, events);
            Counts known = counts.get(domain);
            if (known != null) {
                known.add(fresh);
            }
        } finally {
            counting.readLock().unlock();
        }
        synchronized (cache) {
            writes.incrementAndGet();
            fresh.forEach(e -> cache.remove(new Reader(domain, e.user())));
        }
        return fresh.size();
    }

    private List<Event> insert(String domain, List<Event> events) {
        return transaction(c -> {
            List<Event> stored = new ArrayList<>();
            try (PreparedStatement known = c.prepareStatement("select 1 from event where domain = ? and id = ?");
                    PreparedStatement s = c.prepareStatement(
                            "insert into event(domain, id, usr, item, kind, time) values(?, ?, ?, ?, ?, ?)")) {
                for (Event e : events) {
                    known.setString(1, domain);
                    known.setString(2, e.id());
                    if (known.executeQuery().next()) {
                        continue;
                    }
                    s.setString(1, domain);
                    s.setString(2, e.id());
                    s.setString(3, e.user());
                    s.setString(4, e.item());
                    s.setString(5, e.kind());
                    s.setObject(6, e.time());
                    s.executeUpdate();
                    stored.add(e);
                }
            }
            return stored;
        });
    }

    private static void record(PreparedStatement s, String domain, StoredRecord r, int generation) throws SQLException {
        s.setString(1, domain);
        s.setInt(2, generation);
        s.setString(3, r.record().schema().role());
        s.setString(4, r.id());
        s.setObject(5, r.time());
        s.setBytes(6, RecordCodec.write(r.record()));
        s.addBatch();
    }

    @Override
    public List<String> store(String domain, List<StoredRecord> records) {
        return transaction(c -> {
            List<String> other = new ArrayList<>();
            Map<String, StoredRecord> fresh = new LinkedHashMap<>();
            for (StoredRecord r : records) {
                StoredRecord known = fresh.get(r.id());
                if (known == null) {
                    known = read(c, domain, r.record().schema(), r.id()).orElse(null);
                }
                if (known == null) {
                    fresh.put(r.id(), r);
                } else if (!known.time().equals(r.time()) || !known.record().equals(r.record())) {
                    other.add(r.id());
                }
            }
            try (PreparedStatement s = c.prepareStatement(INSERT_RECORD)) {
                for (StoredRecord r : fresh.values()) {
                    record(s, domain, r, LIVE);
                }
                s.executeBatch();
            }
            return other;
        });
    }

    @Override
    public boolean label(String domain, String role, String id, String label) {
        return transaction(c -> {
            try (PreparedStatement known = c.prepareStatement("select 1 from judged where domain = ? and role = ? and id = ? and gen in (0, ?)")) {
                known.setString(1, domain);
                known.setString(2, role);
                known.setString(3, id);
                known.setInt(4, generation(c, domain));
                if (!known.executeQuery().next()) {
                    return false;
                }
            }
            try (PreparedStatement s = c.prepareStatement("merge into label values(?, ?, ?, ?)")) {
                s.setString(1, domain);
                s.setString(2, role);
                s.setString(3, id);
                s.setString(4, label);
                s.executeUpdate();
            }
            return true;
        });
    }

    @Override
    public void records(String domain, Schema schema, Instant from, Consumer<StoredRecord> to) {
        transaction(c -> {
            try (PreparedStatement s = c.prepareStatement(STORED + " where j.domain = ? and j.role = ? and j.gen in (0, ?) and j.time >= ? order by j.time, j.seq")) {
                s.setString(1, domain);
                s.setString(2, schema.role());
                s.setInt(3, generation(c, domain));
                s.setObject(4, from);
                s.setFetchSize(BATCH);
                ResultSet r = s.executeQuery();
                while (r.next()) {
                    to.accept(stored(r, schema));
                }
                return null;
            }
        });
    }

    @Override
    public Optional<StoredRecord> record(String domain, Schema schema, String id) {
        return transaction(c -> read(c, domain, schema, id));
    }

    private static Optional<StoredRecord> read(Connection c, String domain, Schema schema, String id) throws SQLException {
        try (PreparedStatement s = c.prepareStatement(
                STORED + " where j.domain = ? and j.role = ? and j.id = ? and j.gen in (0, ?) order by j.gen")) {
            s.setString(1, domain);
            s.setString(2, schema.role());
            s.setString(3, id);
            s.setInt(4, generation(c, domain));
            ResultSet r = s.executeQuery();
            return r.next() ? Optional.of(stored(r, schema)) : Optional.empty();
        }
    }

    private static StoredRecord stored(ResultSet r, Schema schema) throws SQLException {
        return new StoredRecord(r.getString(1), r.getObject(2, Instant.class), RecordCodec.read(r.getBytes(3), schema, r.getString(1)), r.getString(4));
    }

    @Override
    public List<Event> history(String domain, String user, int limit) {
        Reader key = new Reader(domain, user);
        List<Event> all = cache.get(key);
        if (all == null) {
            long before = writes.get();
            all = List.copyOf(transaction(c -> read(c, domain, user)));
            synchronized (cache) {
                if (writes.get() == before) {
                    cache.put(key, all);
                }
            }
        }
        return all.size() <= limit ? all : all.subList(all.size() - limit, all.size());
    }

    private static List<Event> read(Connection c, String domain, String user) throws SQLException {
        List<Event> out = new ArrayList<>();
        try (PreparedStatement s = c.prepareStatement("select data from history where domain = ? and gen = ? and usr = ?")) {
            s.setString(1, domain);
            s.setInt(2, generation(c, domain));
            s.setString(3, user);
            ResultSet r = s.executeQuery();
            if (r.next()) {
                out.addAll(HistoryCodec.read(user, r.getBytes(1)));
            }
        }
        try (PreparedStatement s = c.prepareStatement(
                "select id, usr, item, kind, time from event where domain = ? and usr = ? order by seq")) {
            s.setString(1, domain);
            s.setString(2, user);
            ResultSet r = s.executeQuery();
            while (r.next()) {
                out.add(event(r));
            }
        }
        out.sort(java.util.Comparator.comparing(Event::time));
        return out;
    }

    private static Event event(ResultSet r) throws SQLException {
        return new Event(r.getString(1), r.getString(2), r.getString(3), r.getString(4), r.getObject(5, Instant.class));
    }

    @Override
    public Optional<Entity> entity(String domain, String kind, String id) {
        return transaction(c -> {
            try (PreparedStatement s = c.prepareStatement(
                    "select id, title, attributes from entity where domain = ? and kind = ? and id = ? and gen in (0, ?) order by gen")) {
                s.setString(1, domain);
                s.setString(2, kind);
                s.setString(3, id);
                s.setInt(4, generation(c, domain));
                ResultSet r = s.executeQuery();
                return r.next() ? Optional.of(entity(kind, r)) : Optional.empty();
            }
        });
    }

    private static Entity entity(String kind, ResultSet r) throws SQLException {
        try {
            return new Entity(kind, r.getString(1), r.getString(2),
                    MAPPER.readValue(r.getString(3), new TypeReference<Map<String, List<String>>>() {}));
        } catch (JsonProcessingException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "stored attributes are not readable", e);
        }
    }

    @Override
    public void put(String domain, Entity entity) {
        transaction(c -> {
            try (PreparedStatement s = c.prepareStatement("merge into entity values(?, ?, ?, ?, ?, ?)")) {
                entity(s, domain, entity, LIVE);
                return s.executeBatch();
            }
        });
    }

    @Override
    public boolean delete(String domain, String kind, String id) {
        return transaction(c -> {
            try (PreparedStatement s = c.prepareStatement("delete from entity where domain = ? and kind = ? and id = ?")) {
                s.setString(1, domain);
                s.setString(2, kind);
                s.setString(3, id);
                return s.executeUpdate() > 0;
            }
        });
    }

    @Override
    public Page<Entity> entities(String domain, String kind, String cursor, int limit) {
        return transaction(c -> {
            try (PreparedStatement s = c.prepareStatement("select id, title, attributes, gen from entity where domain = ? and kind = ?"
                    + " and gen in (0, ?) and id > ? order by id, gen limit ?")) {
                s.setString(1, domain);
                s.setString(2, kind);
                s.setInt(3, generation(c, domain));
                s.setString(4, cursor == null ? "" : cursor);
                s.setInt(5, 2 * limit + 2);
                ResultSet r = s.executeQuery();
                List<Entity> out = new ArrayList<>();
                while (r.next() && out.size() <= limit) {
                    if (out.isEmpty() || !out.get(out.size() - 1).id().equals(r.getString(1))) {
                        out.add(entity(kind, r));
                    }
                }
                boolean more = out.size() > limit;
                return more ? new Page<>(out.subList(0, limit), out.get(limit - 1).id()) : new Page<>(out, null);
            }
        });
    }

    @Override
    public Population population(String domain) {
        Counts known = counts.get(domain);
        if (known != null) {
            return known;
        }
        counting.writeLock().lock();
        try {
            return counts.computeIfAbsent(domain, d -> transaction(c -> count(c, d)));
        } finally {
            counting.writeLock().unlock();
        }
    }

    private static Counts count(Connection c, String domain) throws SQLException {
        Counts out = new Counts();
        try (PreparedStatement s = c.prepareStatement("select usr, data from history where domain = ? and gen = ?")) {
            s.setString(1, domain);
            s.setInt(2, generation(c, domain));
            ResultSet r = s.executeQuery();
            while (r.next()) {
                out.add(HistoryCodec.read(r.getString(1), r.getBytes(2)));
            }
        }
        try (PreparedStatement s = c.prepareStatement("select id, usr, item, kind, time from event where domain = ?")) {
            s.setString(1, domain);
            ResultSet r = s.executeQuery();
            while (r.next()) {
                out.add(List.of(event(r)));
            }
        }
        return out;
    }

    @Override
    public void record(StoredPrediction prediction) {
        writer.add(prediction);
    }

    @Override
    public Optional<StoredPrediction> prediction(String id) {
        Optional<StoredPrediction> pending = writer.pending(id);
        return pending.isPresent() ? pending : transaction(c -> {
            try (PreparedStatement s = c.prepareStatement("select data from prediction where id = ?")) {
                s.setString(1, id);
                ResultSet r = s.executeQuery();
                return r.next() ? Optional.of(PredictionCodec.read(r.getBytes(1))) : Optional.empty();
            }
        });
    }

    @Override
    public void record(Feedback f) {
        StoredPrediction p = prediction(f.prediction()).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "/prediction",
                "there is no prediction '" + f.prediction() + "'", null));
        if (f.target() != null && p.outputs().stream().noneMatch(o -> o.target().equals(f.target()))) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "/target",
                    "prediction " + p.id() + " has no output '" + f.target() + "'", null);
        }
        if (writer.pending(p.id()).isPresent()) {
            flush();
        }
        transaction(c -> {
            try (PreparedStatement s = c.prepareStatement("merge into feedback values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                s.setString(1, f.id());
                s.setString(2, p.domain());
                s.setString(3, f.prediction());
                s.setString(4, f.target());
                s.setString(5, f.kind());
                s.setDouble(6, f.value());
                s.setString(7, f.comment());
                s.setString(8, f.author());
                s.setObject(9, f.time());
                s.setString(10, p.model().name());
                s.setInt(11, p.model().version());
                s.setBoolean(12, !p.explanations().isEmpty());
                return s.executeUpdate();
            }
        });
    }

    @Override
    public List<FeedbackCount> feedbackCounts(String domain) {
        return transaction(c -> {
            try (PreparedStatement s = c.prepareStatement("select model, version, kind, explained, count(*) from feedback"
                    + " where domain = ? group by model, version, kind, explained order by 1, 2, 3, 4")) {
                s.setString(1, domain);
                ResultSet r = s.executeQuery();
                List<FeedbackCount> out = new ArrayList<>();
                while (r.next()) {
                    out.add(new FeedbackCount(r.getString(1), r.getInt(2), r.getString(3), r.getBoolean(4), r.getLong(5)));
                }
                return out;
            }
        });
    }

    @Override
    public Map<String, Long> predictionCounts(String domain) {
        flush();
        return transaction(c -> {
            try (PreparedStatement s = c.prepareStatement("select model, version, explained, count(*) from prediction"
                    + " where domain = ? group by model, version, explained order by 1, 2, 3")) {
                s.setString(1, domain);
                ResultSet r = s.executeQuery();
                Map<String, Long> out = new LinkedHashMap<>();
                while (r.next()) {
                    out.put(r.getString(1) + ":" + r.getInt(2) + (r.getBoolean(3) ? " explained" : ""), r.getLong(4));
                }
                return out;
            }
        });
    }

    @Override
    public void flush() {
        writer.flush();
    }
}
