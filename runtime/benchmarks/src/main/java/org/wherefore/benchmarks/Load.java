package org.wherefore.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Requests over kept-alive HTTP/1.1 connections, all by the calling thread on non-blocking sockets and with requests made
 * beforehand, so that the generator takes little of the machine it shares with the server.
 *
 * <p>Open: requests are due at fixed times whether or not the server keeps up; one that finds all connections busy waits, and
 * its time counts from when it was due, so that a slow answer shows in all that it delays. Closed: each connection asks again
 * when it has its answer. The clock's ticks are a millisecond: a request may be sent that much late, and its time counts it.
 */
final class Load {
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final byte[] HEAD_END = {'\r', '\n', '\r', '\n'};
    private static final byte[] CHUNKS_END = {'\r', '\n', '0', '\r', '\n', '\r', '\n'};

    /**
     * What a run saw.
     *
     * @param latencies of good answers in nanoseconds, sorted
     * @param errors answers other than 2xx
     * @param seconds from the first request's due time to the last answer
     * @param serverCpuNanos processor time that the server used meanwhile, 0 when that is not known
     */
    record Result(long[] latencies, int errors, double seconds, long serverCpuNanos) {
        double perSecond() {
            return latencies.length / seconds;
        }

        /** Processor time of the server for one answer; unlike time on the clock it means something on a busy machine. */
        double serverCpuMs() {
            return serverCpuNanos == 0 ? Double.NaN : serverCpuNanos / 1e6 / latencies.length;
        }

        double percentileMs(double share) {
            return latencies.length == 0 ? Double.NaN
                    : latencies[(int) Math.max(0, Math.min(latencies.length - 1L, (long) Math.ceil(share * latencies.length) - 1))] / 1e6;
        }
    }

    /** Told of each answer as it comes, good or not, on the generator's thread; must return fast. */
    interface Answers {
        /** @param request index of the request @param nanos since it was due */
        void answered(int request, int status, long nanos, String body);
    }

    private final InetSocketAddress address;
    private final byte[][] requests;
    private final int connections;
    private final LongSupplier serverCpuNanos;
    private Answers answers;

    /**
     * @param requests whole HTTP requests, sent in turn
     * @param serverCpuNanos processor time of the server so far, 0 when that is not known
     */
    Load(InetSocketAddress address, byte[][] requests, int connections, LongSupplier serverCpuNanos) {
        this.serverCpuNanos = serverCpuNanos;
        this.address = address;
        this.requests = requests;
        this.connections = connections;
    }

    /** From now on. @param listener null for nobody */
    void tell(Answers listener) {
        answers = listener;
    }

    /** @param key sent as {@code X-API-Key}, or empty */
    static byte[] post(InetSocketAddress address, String path, String key, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: " + address.getHostString() + ":" + address.getPort()
                + "\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
                + (key.isEmpty() ? "" : "X-API-Key: " + key + "\r\n") + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    /**
     * @param rate requests per second, or 0 for a closed loop
     * @throws Refused when the server can't be reached, breaks a connection off or is silent for a minute, or if the first
     *     answer is an error
     */
    Result run(int rate, double seconds) {
        try (Selector selector = Selector.open()) {
            return new Run(selector).run(rate, (long) (seconds * 1e9));
        } catch (IOException e) {
            throw new Refused("no server answers on " + address.getHostString() + ":" + address.getPort() + " (" + e.getMessage()
                    + ")", e);
        }
    }

    private final class Run {
        private final Selector selector;
        private final ArrayDeque<Connection> idle = new ArrayDeque<>();
        private final List<Connection> all = new ArrayList<>();
        private long[] latencies = new long[1 << 14];
        private int answers;
        private int errors;
        private int next;

        Run(Selector selector) {
            this.selector = selector;
        }

        Result run(int rate, long nanos) throws IOException {
            try {
                for (int i = 0; i < connections; i++) {
                    Connection c = new Connection(selector);
                    all.add(c);
                    idle.add(c);
                }
                long cpu = serverCpuNanos.getAsLong();
                long start = System.nanoTime();
                long total = rate > 0 ? Math.max(1, Math.round(nanos / 1e9 * rate)) : Long.MAX_VALUE;
                long due = 0;
                long sent = 0;
                long last = start;
                while (true) {
                    long now = System.nanoTime();
                    boolean over = rate > 0 ? sent == total : now - start >= nanos;
                    while (!over && !idle.isEmpty()) {
                        due = rate > 0 ? start + sent * 1_000_000_000L / rate : now;
                        if (due > now) {
                            break;
                        }
                        idle.poll().send(next++ % requests.length, due);
                        over = rate > 0 && ++sent == total;
                    }
                    if (over && idle.size() == all.size()) {
                        break;
                    }
                    boolean waits = rate > 0 && !over && !idle.isEmpty();
                    selector.select(waits ? Math.max(1, TimeUnit.NANOSECONDS.toMillis(due - now)) : 1_000);
                    now = System.nanoTime();
                    for (SelectionKey key : selector.selectedKeys()) {
                        if (((Connection) key.attachment()).ready(key)) {
                            answered((Connection) key.attachment(), now);
                            last = now;
                        }
                    }
                    selector.selectedKeys().clear();
                    if (now - last > PATIENCE_NANOS) {
                        throw new IOException("no answer for a minute");
                    }
                }
                return new Result(Arrays.stream(latencies, 0, answers).sorted().toArray(), errors, (last - start) / 1e9,
                        serverCpuNanos.getAsLong() - cpu);
            } finally {
                for (Connection c : all) {
                    c.channel.close();
                }
            }
        }

        private void answered(Connection c, long now) {
            if (Load.this.answers != null) {
                Load.this.answers.answered(c.request, c.status, now - c.due, c.text());
            }
            if (c.status < 200 || c.status > 299) {
                if (answers + errors++ == 0) {
                    throw new Refused("the server answered " + c.status + ": " + c.body(), null);
                }
            } else {
                if (answers == latencies.length) {
                    latencies = Arrays.copyOf(latencies, 2 * answers);
                }
                latencies[answers++] = now - c.due;
            }
            idle.add(c);
        }
    }

    /** One kept-alive connection with at most one request under way. */
    private final class Connection {
        private final SocketChannel channel;
        private final SelectionKey key;
        private byte[] data = new byte[1 << 14];
        private ByteBuffer in = ByteBuffer.wrap(data);
        private ByteBuffer out;
        private int head;
        private int length;
        private int status;
        private int request;
        private long due;

        Connection(Selector selector) throws IOException {
            channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.socket().connect(address, 5_000);
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        void send(int index, long since) throws IOException {
            due = since;
            request = index;
            head = 0;
            in.clear();
            out = ByteBuffer.wrap(requests[index]);
            channel.write(out);
            if (out.hasRemaining()) {
                key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            }
        }

        /** @return whether the answer is complete */
        boolean ready(SelectionKey selected) throws IOException {
            if (selected.isWritable()) {
                channel.write(out);
                if (!out.hasRemaining()) {
                    key.interestOps(SelectionKey.OP_READ);
                }
            }
            if (!selected.isReadable()) {
                return false;
            }
            if (!in.hasRemaining()) {
                int position = in.position();
                data = Arrays.copyOf(data, 2 * data.length);
                in = ByteBuffer.wrap(data).position(position);
            }
            if (channel.read(in) < 0) {
                throw new IOException("the server closed a connection");
            }
            if (head == 0 && !readHead()) {
                return false;
            }
            return length >= 0 ? in.position() >= head + length : endsWith(CHUNKS_END);
        }

        private boolean readHead() {
            for (int i = 0; i + HEAD_END.length <= in.position(); i++) {
                if (Arrays.equals(data, i, i + HEAD_END.length, HEAD_END, 0, HEAD_END.length)) {
                    head = i + HEAD_END.length;
                    status = Integer.parseInt(new String(data, 9, 3, StandardCharsets.ISO_8859_1));
                    String text = new String(data, 0, i + 2, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
                    int at = text.indexOf("\r\ncontent-length:");
                    length = at >= 0 ? Integer.parseInt(text.substring(at + 17, text.indexOf('\r', at + 2)).strip())
                            : text.contains("\r\ntransfer-encoding:") ? -1 : 0;
                    return true;
                }
            }
            return false;
        }

        private boolean endsWith(byte[] end) {
            int from = in.position() - end.length;
            return from >= head - 2 && Arrays.equals(data, from, in.position(), end, 0, end.length);
        }

        /** The whole body, out of its chunks. */
        String text() {
            if (length >= 0) {
                return new String(data, head, length, StandardCharsets.UTF_8);
            }
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int at = head; at < in.position();) {
                int end = at;
                while (data[end] != '\r') {
                    end++;
                }
                int size = Integer.parseInt(new String(data, at, end - at, StandardCharsets.ISO_8859_1).split(";")[0].strip(), 16);
                if (size == 0) {
                    break;
                }
                all.write(data, end + 2, size);
                at = end + 2 + size + 2;
            }
            return all.toString(StandardCharsets.UTF_8);
        }

        String body() {
            return new String(data, head, Math.min(300, in.position() - head), StandardCharsets.UTF_8).strip();
        }
    }
}
