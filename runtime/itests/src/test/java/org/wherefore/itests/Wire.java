package org.wherefore.itests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Requests as bytes on a socket, for what an HTTP client would not send. */
final class Wire {
    private static final int PATIENCE_MILLIS = 25_000;

    /** @param status 0 when there was no answer */
    record Answer(int status, String head, String body, long millis) {
        boolean problem() {
            return head.toLowerCase(Locale.ROOT).contains("content-type: application/problem+json");
        }

        String header(String name) {
            return head.lines().filter(l -> l.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(l -> l.substring(name.length() + 1).strip()).findFirst().orElse(null);
        }
    }

    private Wire() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Head lines with their length before a body. */
    static byte[] request(String head, byte[] body) {
        return concat(bytes(head + "\r\nHost: 127.0.0.1\r\nContent-Length: " + body.length + "\r\n\r\n"), body);
    }

    static byte[] concat(byte[] a, byte[] b) {
        byte[] out = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, out, a.length, b.length);
        return out;
    }

    /** @param end whether no more is sent, which the other side sees */
    static Answer send(int port, byte[] request, boolean end) throws IOException {
        long start = System.nanoTime();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            Thread sender = new Thread(() -> {
                try {
                    OutputStream out = socket.getOutputStream();
                    out.write(request);
                    out.flush();
                    if (end) {
                        socket.shutdownOutput();
                    }
                } catch (IOException e) {
                    // answered before all was read
                }
            });
            sender.start();
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            try {
                InputStream in = socket.getInputStream();
                byte[] buffer = new byte[8192];
                for (int n; !whole(read.toString(StandardCharsets.UTF_8)) && (n = in.read(buffer)) >= 0;) {
                    read.write(buffer, 0, n);
                }
            } catch (SocketException e) {
                // closed by the other side: what came until then is the answer
            }
            long millis = (System.nanoTime() - start) / 1_000_000;
            String text = read.toString(StandardCharsets.UTF_8);
            int split = text.indexOf("\r\n\r\n");
            return text.startsWith("HTTP/1.1 ") && split > 0 ? new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(0, split), text.substring(split + 4), millis)
                    : new Answer(0, "", text, millis);
        }
    }

    private static boolean whole(String text) {
        int split = text.indexOf("\r\n\r\n");
        if (split < 0) {
            return false;
        }
        String length = new Answer(0, text.substring(0, split), "", 0).header("Content-Length");
        return length != null && text.substring(split + 4).getBytes(StandardCharsets.UTF_8).length >= Integer.parseInt(length)
                || text.endsWith("\r\n0\r\n\r\n");
    }
}
