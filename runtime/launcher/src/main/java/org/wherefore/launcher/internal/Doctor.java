package org.wherefore.launcher.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Looks at what a server needs and says what it found, in words. */
final class Doctor {
    private boolean failed;

    int examine(Options options) {
        say(Runtime.version().feature() >= 17, "Java " + Runtime.version(), "Java 17 or newer is needed");
        boolean vector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        System.out.println((vector ? "OK    " : "WARN  ") + "vector module " + (vector ? "present" : "absent: the scalar kernels run, many times slower"));
        long memory = Runtime.getRuntime().maxMemory() >> 20;
        say(memory >= 512, memory + " MiB of heap", "give Java at least 512 MiB with WHEREFORE_JAVA_OPTS=-Xmx1g");
        try {
            Files.createDirectories(options.home());
            Path probe = Files.createTempFile(options.home(), "doctor", ".tmp");
            Files.delete(probe);
            long free = Files.getFileStore(options.home()).getUsableSpace() >> 20;
            say(free >= 500, "home " + options.home() + " is writable, " + free + " MiB free", "less than 500 MiB are free");
        } catch (IOException e) {
            say(false, "", "home " + options.home() + " can't be written: " + e.getMessage());
        }
        try (ServerSocket s = new ServerSocket(options.port(), 1, InetAddress.getLoopbackAddress())) {
            say(true, "port " + s.getLocalPort() + " is free", "");
        } catch (IOException e) {
            System.out.println("WARN  port " + options.port() + " is in use (a running server, or choose another with --port)");
        }
        try {
            Map<String, Feature> known = FeatureRuntime.readAll(options.dist().resolve("features"));
            for (Feature f : FeatureRuntime.order(known, known.keySet())) {
                long missing = f.bundles().stream().filter(b -> !Files.exists(options.dist().resolve("repository").resolve(b.path()))).count();
                say(missing == 0, "feature " + f.name() + ": " + f.bundles().size() + " bundles", "feature " + f.name() + ": "
                        + missing + " bundles are not in the repository");
            }
            if (!failed) {
                Platform.check(options);
                say(true, "all features resolve", "");
            }
        } catch (LaunchException e) {
            say(false, "", e.getMessage());
        }
        return failed ? 1 : 0;
    }

    private void say(boolean ok, String found, String wrong) {
        failed |= !ok;
        System.out.println(ok ? "OK    " + found : "FAIL  " + wrong);
    }
}
