package org.wherefore.journal.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.h2.tools.Recover;
import org.h2.tools.RunScript;

/**
 * Makes a journal readable again whose map of free space is wrong, which H2 calls corrupted ("Double mark", its issue 2752; seen with
 * 2.3.232 after a quick restart). The data are whole then: H2's recovery tool reads them, a new file is written beside the old one and
 * takes its place in one step. The old file is kept. Other damage is left alone, since the tool could read less than there was.
 */
final class Salvage {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

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
     * @throws SQLException if the recovery tool can't read it either; the file is as it was
     */
    static Path run(Path folder, String name, String user) throws SQLException, IOException {
        String file = name + ".mv.db";
        Path work = folder.resolve("salvage");
        delete(work);
        Files.createDirectories(work);
        Files.copy(folder.resolve(file), work.resolve(file));
        Recover.execute(work.toString(), name);
        Path made = work.resolve("new.mv.db");
        RunScript.execute("jdbc:h2:" + work.resolve("new"), user, "", work.resolve(name + ".h2.sql").toString(), null, false);
        try (FileChannel channel = FileChannel.open(made, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Path kept = folder.resolve(name + ".broken-" + TIME.format(Instant.now()) + ".mv.db");
        Files.move(work.resolve(file), kept);
        Files.move(made, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        delete(work);
        return kept;
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
