package org.wherefore.journal.internal;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Reader;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.h2.jdbcx.JdbcDataSource;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.h2.tools.Recover;
import org.h2.tools.RunScript;

/**
 * Makes a journal readable again whose map of free space is wrong, which H2 calls corrupted ("Double mark", its issue 2752; seen with
 * 2.3.232 after a quick restart). The data are whole then: H2's recovery tool reads them, a new file is written beside the
 * old one and takes its place in one step. The old file is kept. Other damage is left alone, since the tool could read less than there
 * was.
 */
final class Salvage {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    private static final Pattern COPY = Pattern.compile("INSERT INTO \"PUBLIC\"\\.\"(\\w+)\" SELECT \\* FROM (O_\\d+);");
    private static final Pattern MADE = Pattern.compile("CREATE TABLE (O_\\d+)\\(");

    private Salvage() {}

    /** Whether opening failed because of the map of free space. */
    static boolean wanted(SQLException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof MVStoreException m && m.getErrorCode() == DataUtils.ERROR_FILE_CORRUPT && m.getMessage().startsWith("Double mark")) {
                return true;
            }
        }
        return false;
    }

    /**
     * Replaces {@code <name>.mv.db}. A process that dies meanwhile leaves the broken file in its place, for the next start to try again.
     *
     * @return where the broken file is kept
     * @param binary tables with a binary column, and its number from 0: the recovery tool would take it for text
     * @throws SQLException if the recovery tool can't read it either; the file is as it was
     */
    static Path run(Path folder, String name, String user, Map<String, Integer> binary) throws SQLException, IOException {
        String file = name + ".mv.db";
        Path work = folder.resolve("salvage");
        delete(work);
        Files.createDirectories(work);
        Files.copy(folder.resolve(file), work.resolve(file));
        Recover.execute(work.toString(), name);
        Path script = typed(work.resolve(name + ".h2.sql"), binary);
        Path made = work.resolve("new.mv.db");
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:" + work.resolve("new"));
        try (Connection c = database.getConnection(user, "");
                Reader reader = Files.newBufferedReader(script); Statement s = c.createStatement()) {
            RunScript.execute(c, reader);
            ResultSet last = s.executeQuery("select coalesce(max(seq), 0) from event");
            last.next();
            s.execute("alter table event alter column seq restart with " + (last.getLong(1) + 1));
            s.execute("shutdown compact");
        }
        try (FileChannel channel = FileChannel.open(made, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Path kept = folder.resolve(name + ".broken-" + TIME.format(Instant.now()) + ".mv.db");
        Files.move(work.resolve(file), kept);
        Files.move(made, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        delete(work);
        return kept;
    }

    /** The recovery tool's script with the right type for binary columns: it reads every table through one of text, {@code O_n}. */
    private static Path typed(Path script, Map<String, Integer> binary) throws IOException {
        Map<String, Integer> columns = new HashMap<>();
        try (Stream<String> lines = Files.lines(script)) {
            lines.map(COPY::matcher).filter(Matcher::matches).filter(m -> binary.containsKey(m.group(1)))
                    .forEach(m -> columns.put(m.group(2), binary.get(m.group(1))));
        }
        Path out = script.resolveSibling("typed.sql");
        try (BufferedReader in = Files.newBufferedReader(script); BufferedWriter to = Files.newBufferedWriter(out)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Matcher m = MADE.matcher(line);
                Integer column = m.lookingAt() ? columns.get(m.group(1)) : null;
                to.write(column == null ? line : line.replace("C" + column + " VARCHAR", "C" + column + " VARBINARY"));
                to.newLine();
            }
        }
        return out;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> all;
            try (Stream<Path> walk = Files.walk(folder)) {
                all = walk.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path p : all) {
                Files.delete(p);
            }
        }
    }
}
