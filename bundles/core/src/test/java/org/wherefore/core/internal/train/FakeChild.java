package org.wherefore.core.internal.train;

import java.io.BufferedReader;
import java.io.InputStreamReader;

/** Stands in for a training process; uses the JDK alone. Does what its argument says, once it got its order. */
final class FakeChild {
    private FakeChild() {}

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        String order = in.readLine();
        System.out.println("a library says hello");
        System.out.println("{\"type\":\"progress\",\"done\":0.5,\"figures\":{\"epoch\":1,\"pid\":" + ProcessHandle.current().pid() + "}}");
        switch (args[0]) {
            case "succeed" -> System.out.println("{\"type\":\"result\",\"engine\":\"fake\",\"dataDigest\":\"sha256:1\",\"provenance\":{\"order\":\""
                    + (order.contains("\"domain\":\"shop\"") ? "for the shop" : order) + "\"},\"metrics\":{},\"baselines\":{},\"seconds\":2}");
            case "fail" -> {
                System.out.println("{\"type\":\"failure\",\"code\":\"BAD_DATA\",\"pointer\":\"shop.csv:3\",\"message\":\"shop.csv:3 is empty\"}");
                System.exit(1);
            }
            case "listen" -> {
                while (in.readLine() != null) {
                    // until it is told to stop
                }
            }
            case "hang" -> Thread.currentThread().join();
            default -> Runtime.getRuntime().halt(Integer.parseInt(args[0]));
        }
    }
}
