package org.wherefore.benchmarks;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Load on a running server: predictions per second and how long they take. Closed loop: N connections, each asks again when
 * it has its answer. Open loop ({@code --rate}): requests are due at fixed times whether or not the server keeps up, and
 * their time counts from when they were due. Then one client that wants explanations. Plain sockets, so that the generator
 * takes little of the machine it shares with the server.
 */
final class HttpBench {
    private HttpBench() {}

    /** The server can't be reached or answered something other than 2xx. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Latencies in nanoseconds, sorted, and how long it took to get them all. */
    private record Load(long[] latencies, double seconds) {
        double perSecond() {
            return latencies.length / seconds;
        }

        double percentileMs(double share) {
            return latencies.length == 0 ? Double.NaN
                    : latencies[(int) Math.min(latencies.length - 1L, (long) Math.ceil(share * latencies.length) - 1)] / 1e6;
        }
    }

    static void run(Options o, Report report) throws IOException, InterruptedException {
        int seconds = o.number("seconds", 10);
        int rate = o.number("rate", 0);
        int connections = o.number("connections", 16);
        int k = o.number("k", 10);
        String explain = o.text("strategy", "").isEmpty() ? "{}" : "{\"strategy\":\"" + o.text("strategy", "") + "\"}";
        load(o, 1, o.number("warmup", 3), 0, body(k, ""));
        String mode = rate > 0 ? "open loop at " + rate + "/s" : "closed loop";
        Load plain = load(o, connections, seconds, rate, body(k, ""));
        print(report, "plain", mode + ", " + connections + " connections", plain);
        int explainSeconds = o.number("explain-seconds", seconds);
        if (explainSeconds > 0) {
            print(report, "explained", "closed loop, 1 connection", load(o, 1, explainSeconds, 0,
                    body(k, ",\"explain\":" + explain)));
        }
    }

    private static String body(int k, String rest) {
        return "{\"user\":\"%s\",\"k\":" + k + rest + "}";
    }

    private static void print(Report report, String name, String how, Load load) {
        report.line("%n%-12s %s: %.1f predictions/s, p50 %.2f ms, p99 %.2f ms, most %.2f ms, %d requests", name, how,
                load.perSecond(), load.percentileMs(0.5), load.percentileMs(0.99), load.percentileMs(1), load.latencies.length);
        report.figure(name, "predictions/s", load.perSecond());
        report.figure(name, "p50 ms", load.percentileMs(0.5));
        report.figure(name, "p99 ms", load.percentileMs(0.99));
        report.figure(name, "requests", load.latencies.length);
    }

    private static Load load(Options o, int connections, int seconds, int rate, String body)
            throws IOException, InterruptedException {
        String host = o.text("host", "127.0.0.1");
        int port = o.number("port", 8080);
        String path = "/api/v1/domains/" + o.text("domain", "ecommerce") + "/predictions";
        String format = o.text("user-format", "c%04d");
        int users = o.number("users", 2_500);
        AtomicLong tickets = new AtomicLong();
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        ExecutorService pool = Executors.newFixedThreadPool(connections);
        try {
            List<Future<List<long[]>>> futures = new ArrayList<>();
            for (int c = 0; c < connections; c++) {
                futures.add(pool.submit(() -> {
                    List<long[]> chunks = new ArrayList<>();
                    long[] chunk = new long[4096];
                    int n = 0;
                    try (Connection connection = new Connection(host, port)) {
                        while (true) {
                            long ticket = tickets.getAndIncrement();
                            long due = rate > 0 ? start + ticket * 1_000_000_000L / rate : System.nanoTime();
                            if (due >= end) {
                                break;
                            }
                            for (long wait; (wait = due - System.nanoTime()) > 0; ) {
                                LockSupport.parkNanos(wait);
                            }
                            String user = String.format(Locale.ROOT, format, 1 + ticket * 7919 % users);
                            connection.post(path, body.replace("%s", user));
                            if (n == chunk.length) {
                                chunks.add(chunk);
                                chunk = new long[4096];
                                n = 0;
                            }
                            chunk[n++] = System.nanoTime() - due;
                        }
                    }
                    chunks.add(Arrays.copyOf(chunk, n));
                    return chunks;
                }));
            }
            List<long[]> all = new ArrayList<>();
            for (Future<List<long[]>> future : futures) {
                try {
                    all.addAll(future.get());
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Refused refused) {
                        throw refused;
                    }
                    throw new Refused("no server answers on " + host + ":" + port + " (" + e.getCause() + ")", e.getCause());
                }
            }
            double took = (System.nanoTime() - start) / 1e9;
            return new Load(all.stream().flatMapToLong(Arrays::stream).sorted().toArray(), took);
        } finally {
            pool.shutdownNow();
        }
    }

    /** One kept-alive HTTP/1.1 connection. */
    private static final class Connection implements AutoCloseable {
        private final String host;
        private final Socket socket = new Socket();
        private final InputStream in;
        private final OutputStream out;

        Connection(String host, int port) throws IOException {
            this.host = host + ":" + port;
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(60_000);
            socket.connect(new InetSocketAddress(host, port), 5_000);
            in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            out = new BufferedOutputStream(socket.getOutputStream(), 1 << 14);
        }

        void post(String path, String json) throws IOException {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            out.write(("POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
                    + "Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);
            out.flush();
            String status = line();
            long length = -1;
            boolean chunked = false;
            for (String header; !(header = line()).isEmpty(); ) {
                String lower = header.toLowerCase(Locale.ROOT);
                if (lower.startsWith("content-length:")) {
                    length = Long.parseLong(header.substring(15).strip());
                } else if (lower.startsWith("transfer-encoding:")) {
                    chunked = lower.contains("chunked");
                }
            }
            byte[] answer = chunked ? chunks() : in.readNBytes((int) Math.max(0, length));
            if (!status.startsWith("HTTP/1.1 2")) {
                throw new Refused("the server answered '" + status + "': "
                        + new String(answer, StandardCharsets.UTF_8).lines().findFirst().orElse(""), null);
            }
        }

        private byte[] chunks() throws IOException {
            java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
            while (true) {
                int size = Integer.parseInt(line().split(";")[0].strip(), 16);
                if (size == 0) {
                    while (!line().isEmpty()) {
                        // trailers
                    }
                    return all.toByteArray();
                }
                all.write(in.readNBytes(size));
                line();
            }
        }

        private String line() throws IOException {
            StringBuilder text = new StringBuilder(64);
            for (int c; (c = in.read()) != '\n'; ) {
                if (c < 0) {
                    throw new EOFException("the server closed the connection");
                }
                if (c != '\r') {
                    text.append((char) c);
                }
            }
            return text.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
