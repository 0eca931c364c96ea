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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MainTest {
    private final Set<String> bodies = ConcurrentHashMap.newKeySet();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile int status = 200;
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/domains/ecommerce/predictions", exchange -> {
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer = "{\"outputs\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, asked.getAndIncrement() % 2 == 0 ? 0 : answer.length); // 0 means chunked
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
    void findsTheHighestRateAndEndsWithJson() {
        Run run = bench("http", "--seconds", "0.4", "--warmup", "0.2", "--connections", "2", "--users", "7", "--limit", "60000", "--json");
        assertThat(run.code).as(run.err).isZero();
        assertThat(run.out).contains("closed loop", "open, ", "highest rate with p99 under 60000 ms");
        assertThat(run.lastLine()).startsWith("{\"contenders\":{\"plain\":{\"within the limit\":1.00000,\"predictions/s\":").contains("\"p99 ms\":", "\"errors\":0")
                .endsWith("\"ratios\":{}}");
        assertThat(bodies).hasSize(7).allMatch(b -> b.startsWith("{\"user\":\"c000"));
    }

    @Test
    void keepsToTheRateOfAnOpenLoop() {
        Run run = bench("http", "--seconds", "1", "--warmup", "0.1", "--rate", "50", "--json", "--markdown");
        assertThat(run.code).as(run.err).isZero();
        assertThat(run.lastLine()).contains("\"requests\":50.0000");
        assertThat(run.out).contains("| open, 50/s |");
    }

    @Test
    void asksForExplanationsOfHistoriesOfTheLengthsAskedFor() {
        Run run = bench("explain", "--items", "100", "--length", "3,5", "--seconds", "0.2", "--warmup", "0.1", "--json");
        assertThat(run.code).as(run.err).isZero();
        assertThat(run.lastLine()).contains("items=100 history=3\":{", "items=100 history=5\":{");
        assertThat(bodies).allMatch(b -> b.contains("\"explain\":{}"))
                .extracting(b -> b.split("\"p\\d+\"", -1).length - 1).containsOnly(3, 5);
    }

    @Test
    void saysWhenTheServerRefuses() {
        status = 503;
        Run run = bench("http", "--seconds", "1", "--warmup", "0.1");
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
        if (arguments[0].equals("http") || arguments[0].equals("explain")) {
            all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
            all[arguments.length] = "--port";
            all[arguments.length + 1] = String.valueOf(server.getAddress().getPort());
        }
        int code = Main.run(all, new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
