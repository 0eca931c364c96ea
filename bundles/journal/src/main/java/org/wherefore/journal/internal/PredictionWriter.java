package org.wherefore.journal.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.h2.jdbcx.JdbcConnectionPool;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.journal.StoredPrediction;

/**
 * Writes predictions behind, in batches: a commit costs as much as many rows, so it waits a moment for more of them unless
 * somebody asks for what is stored. A batch that the database refuses is tried again until it is written; meanwhile the
 * queue fills, and a full one refuses new predictions with {@code STORAGE} instead of dropping any. A prediction that can't be
 * written as JSON is a defect: it is logged and left out, the others of its batch are stored.
 */
final class PredictionWriter {
    private static final int QUEUE = 10_000;
    private static final int BATCH = 500;
    private static final long GATHER_MILLIS = 50;
    private static final long PATIENCE_SECONDS = 30;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    /** Either a prediction to store, or a signal that everything before it is stored. */
    private record Entry(StoredPrediction prediction, CountDownLatch reached) {}

    /** A prediction ready to be written. */
    private record Row(StoredPrediction prediction, byte[] json) {}

    private static final System.Logger LOG = System.getLogger(PredictionWriter.class.getName());

    private final JdbcConnectionPool pool;
    private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Map<String, StoredPrediction> pending = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::run, "wherefore-journal-writer");
    /** Released after each signal was queued: ends gathering. */
    private final Semaphore hurry = new Semaphore(0);
    /** Ends pauses between tries, and the thread once its queue is empty, without interrupting database work. */
    private final CountDownLatch closed = new CountDownLatch(1);

    PredictionWriter(JdbcConnectionPool pool) {
        this.pool = pool;
        thread.setDaemon(true);
        thread.start();
    }

    void add(StoredPrediction p) {
        pending.put(p.id(), p);
        try {
            put(new Entry(p, null));
        } catch (WhereforeException e) {
            pending.remove(p.id(), p);
            throw e;
        }
    }

    Optional<StoredPrediction> pending(String id) {
        return Optional.ofNullable(pending.get(id));
    }

    void flush() {
        CountDownLatch reached = new CountDownLatch(1);
        put(new Entry(null, reached));
        hurry.release();
        try {
            if (!reached.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new WhereforeException(ErrorCode.STORAGE,
                        "predictions could not be written within " + PATIENCE_SECONDS + " s; the log says why");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WhereforeException(ErrorCode.CANCELLED, "interrupted while predictions were written", e);
        }
    }

    private void put(Entry e) {
        if (closed.getCount() == 0) {
            throw new WhereforeException(ErrorCode.STORAGE, "the journal is closed");
        }
        try {
            if (!queue.offer(e, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new WhereforeException(ErrorCode.STORAGE, QUEUE + " predictions wait to be written; the log says why");
            }
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
            throw new WhereforeException(ErrorCode.CANCELLED, "interrupted while a prediction was stored", x);
        }
    }

    /** @throws WhereforeException {@code STORAGE} when what is queued can't be written */
    void close() {
        try {
            flush();
        } finally {
            closed.countDown();
            queue.offer(new Entry(null, new CountDownLatch(1)));
        }
    }

    private void run() {
        List<Entry> batch = new ArrayList<>(BATCH);
        while (closed.getCount() > 0 || !queue.isEmpty()) {
            try {
                gather(batch);
                if (!store(rows(batch))) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            for (Entry e : batch) {
                if (e.prediction() != null) {
                    pending.remove(e.prediction().id(), e.prediction());
                } else {
                    e.reached().countDown();
                }
            }
            batch.clear();
        }
    }

    private void gather(List<Entry> batch) throws InterruptedException {
        // A signal queued before this line is in the first drain, or the batch is full; one queued later leaves its permit.
        hurry.drainPermits();
        batch.add(queue.take());
        queue.drainTo(batch, BATCH - 1);
        if (batch.size() < BATCH && batch.stream().allMatch(e -> e.reached() == null)) {
            hurry.tryAcquire(GATHER_MILLIS, TimeUnit.MILLISECONDS);
            queue.drainTo(batch, BATCH - batch.size());
        }
    }

    private static List<Row> rows(List<Entry> batch) {
        List<Row> out = new ArrayList<>();
        for (Entry e : batch) {
            StoredPrediction p = e.prediction();
            if (p == null) {
                continue;
            }
            try {
                out.add(new Row(p, PredictionCodec.write(p)));
            } catch (RuntimeException x) {
                LOG.log(System.Logger.Level.ERROR, "prediction " + p.id() + " can't be written as JSON", x);
            }
        }
        return out;
    }

    /** @return false when the journal was closed before the database took them */
    private boolean store(List<Row> rows) throws InterruptedException {
        for (int attempt = 1; !rows.isEmpty(); attempt++) {
            try (Connection c = pool.getConnection()) {
                c.setAutoCommit(false);
                try (PreparedStatement s = c.prepareStatement("merge into prediction values(?, ?, ?, ?, ?, ?)")) {
                    for (Row row : rows) {
                        StoredPrediction p = row.prediction();
                        s.setString(1, p.id());
                        s.setString(2, p.domain());
                        s.setString(3, p.model().name());
                        s.setInt(4, p.model().version());
                        s.setBoolean(5, !p.explanations().isEmpty());
                        s.setBytes(6, row.json());
                        s.addBatch();
                    }
                    s.executeBatch();
                    c.commit();
                    return true;
                } finally {
                    c.rollback();
                    c.setAutoCommit(true);
                }
            } catch (SQLException e) {
                LOG.log(System.Logger.Level.ERROR, rows.size() + " predictions could not be written, try " + attempt, e);
                if (closed.await(Math.min(100L * attempt, LONGEST_PAUSE_MILLIS), TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
        }
        return true;
    }
}
