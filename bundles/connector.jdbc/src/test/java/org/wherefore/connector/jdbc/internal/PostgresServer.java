package org.wherefore.connector.jdbc.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL of its own in a temporary folder, from the binaries that the machine has. Data are thrown away on close. */
final class PostgresServer implements AutoCloseable {
    static final String USER = "shop";
    static final String PASSWORD = "s3cret";
    private static final long PATIENCE_S = 60;
    private final Path folder;
    private final Process process;
    private final int port;

    private PostgresServer(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url(), USER, PASSWORD);
    }

    /** @throws Unavailable with the reason in words */
    static PostgresServer start() throws Unavailable {
        Path bin = binaries();
        List<String> as = user();
        try {
            Path folder = Files.createTempDirectory("wherefore-postgres");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            Path password = Files.writeString(folder.resolve("password"), PASSWORD);
            Path log = folder.resolve("log");
            Path data = folder.resolve("data");
            int code = process(as, log, bin.resolve("initdb").toString(), "-D", data.toString(), "-U", USER, "-A", "scram-sha-256",
                    "--pwfile=" + password, "-E", "UTF8", "--no-sync").waitFor();
            if (code != 0) {
                throw new Unavailable("initdb ended with " + code + ": " + Files.readString(log));
            }
            int port;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            Process process = process(as, log, bin.resolve("postgres").toString(), "-D", data.toString(), "-p", Integer.toString(port), "-k", folder.toString(),
                    "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off");
            PostgresServer server = new PostgresServer(folder, process, port);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
            while (true) {
                try (Connection connection = server.connect()) {
                    return server;
                } catch (SQLException e) {
                    if (!process.isAlive() || System.nanoTime() > end) {
                        String words = Files.readString(log);
                        server.close();
                        throw new Unavailable("it does not answer (" + e.getMessage() + "): " + words);
                    }
                    process.waitFor(50, TimeUnit.MILLISECONDS);
                }
            }
        } catch (IOException e) {
            throw new Unavailable(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable(e.toString());
        }
    }

    private static Process process(List<String> as, Path log, String... command) throws IOException {
        List<String> all = new ArrayList<>(as);
        all.addAll(List.of(command));
        return new ProcessBuilder(all).directory(log.getParent().toFile()).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
    }

    private static Path binaries() throws Unavailable {
        List<Path> folders = new ArrayList<>();
        for (String path : System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator)) {
            folders.add(Path.of(path));
        }
        Path debian = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(debian)) {
            try (Stream<Path> versions = Files.list(debian)) {
                versions.sorted(Comparator.reverseOrder()).forEach(v -> folders.add(v.resolve("bin")));
            } catch (IOException e) {
                throw new Unavailable(e.toString());
            }
        }
        return folders.stream().filter(f -> Files.isExecutable(f.resolve("initdb")) && Files.isExecutable(f.resolve("postgres"))).findFirst()
                .orElseThrow(() -> new Unavailable("no initdb and postgres on the path or under " + debian + "; install PostgreSQL"));
    }

    /** PostgreSQL refuses to run as root. */
    private static List<String> user() throws Unavailable {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        Path setpriv = Path.of("/usr/bin/setpriv");
        try {
            if (!Files.isExecutable(setpriv) || Files.readAllLines(Path.of("/etc/passwd")).stream().noneMatch(l -> l.startsWith("postgres:"))) {
                throw new Unavailable("root can't run it, and there is no " + setpriv + " or no user postgres");
            }
        } catch (IOException e) {
            throw new Unavailable(e.toString());
        }
        return List.of(setpriv.toString(), "--reuid=postgres", "--regid=postgres", "--clear-groups");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
            }
        } catch (IOException e) {
            System.out.println("left behind: " + folder + " (" + e + ")");
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** There is none to test with. */
    static final class Unavailable extends Exception {
        private static final long serialVersionUID = 1L;

        Unavailable(String reason) {
            super(reason);
        }
    }
}
