package org.wherefore.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MainTest {
    private final Set<String> bodies = ConcurrentHashMap.newKeySet();
    private volatile int status = 200;
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/domains/ecommerce/predictions", exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer = "{\"outputs\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bodies.size() % 2 == 0 ? 0 : answer.length); // 0 means chunked
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void loadsAServerAndEndsWithJson() {
        Run run = bench("http", "--seconds", "1", "--warmup", "1", "--connections", "2", "--json");
        assertThat(run.code).as(run.err).isZero();
        assertThat(run.lastLine()).startsWith("{\"contenders\":{\"plain\":{\"predictions/s\":").contains("\"p99 ms\":", "\"explained\":")
                .endsWith("\"ratios\":{}}");
        assertThat(bodies).anyMatch(b -> b.contains("\"explain\":{}")).anyMatch(b -> !b.contains("explain"));
    }

    @Test
    void keepsToTheRateOfAnOpenLoop() {
        Run run = bench("http", "--seconds", "1", "--warmup", "1", "--rate", "50", "--explain-seconds", "0", "--json");
        assertThat(run.code).as(run.err).isZero();
        assertThat(run.lastLine()).contains("\"requests\":50.0000");
    }

    @Test
    void saysWhenTheServerRefuses() {
        status = 503;
        Run run = bench("http", "--seconds", "1");
        assertThat(run.code).isEqualTo(4);
        assertThat(run.err).contains("503");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThat(bench("dance").code).isEqualTo(2);
        assertThat(bench("train", "--depth", "3").err).contains("unknown option '--depth'", "--dim");
        assertThat(bench("train", "--dim", "wide").err).contains("'wide'");
    }

    private record Run(int code, String out, String err) {
        String lastLine() {
            return out.strip().substring(out.strip().lastIndexOf('\n') + 1);
        }
    }

    private Run bench(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] all = arguments;
        if (arguments[0].equals("http")) {
            all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
            all[arguments.length] = "--port";
            all[arguments.length + 1] = String.valueOf(server.getAddress().getPort());
        }
        int code = Main.run(all, new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
