package org.wherefore.core.internal.train;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.predict.Plugins;

/**
 * The other side of {@link TrainingChild}: one training, as ordered on standard input, told on standard output ({@link Message}).
 * Ends with the process that started it, however that ends: its standard input ends then, too.
 */
@Component(service = Function.class, property = {"wherefore.command=training-process",
        "wherefore.command.help=(started by the platform: one training, ordered as JSON on standard input)"})
public class TrainingCommand implements Function<List<String>, Integer> {
    private static final System.Logger LOG = System.getLogger(TrainingCommand.class.getName());
    /** Exit code of a process whose starter is gone or wants it no longer. */
    private static final int UNWANTED = 143;

    private final Plugins plugins;

    @Activate
    public TrainingCommand(@Reference Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public Integer apply(List<String> args) {
        // whatever else prints something must not come between the messages
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Message.Order order;
        try {
            String line = in.readLine();
            if (line == null || !(Message.read(line).orElse(null) instanceof Message.Order o)) {
                System.err.println("wherefore: expected an order as a line of JSON on standard input; this command is for the platform"
                        + " itself, train with: wherefore train");
                return 2;
            }
            order = o;
        } catch (IOException e) {
            System.err.println("wherefore: standard input can't be read: " + e.getMessage());
            return 1;
        }
        Thread watch = new Thread(() -> haltAtEnd(in), "wherefore-training-watch");
        watch.setDaemon(true);
        watch.start();
        Message last = work(order, new Reporter(out));
        out.println(Message.write(last));
        return last instanceof Message.Result ? 0 : 1;
    }

    private Message work(Message.Order order, TrainingProgress progress) {
        try {
            return new TrainingWork(plugins).run(order, progress);
        } catch (WhereforeException e) {
            LOG.log(System.Logger.Level.INFO, "the training failed", e);
            return new Message.Failure(e.code(), e.pointer().orElse(null), e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "the training failed", e);
            return new Message.Failure(ErrorCode.INTERNAL, null, "a defect ended the training: " + e);
        }
    }

    private static void haltAtEnd(BufferedReader in) {
        try {
            while (in.readLine() != null) {
                // nothing is said after the order
            }
        } catch (IOException e) {
            // as good as its end
        }
        Runtime.getRuntime().halt(UNWANTED);
    }

    /** Tells progress on, ten times a second at most, but never drops figures of another kind than the last ones. */
    static final class Reporter implements TrainingProgress {
        private static final long PAUSE_NANOS = 100_000_000;
        private final PrintStream out;
        private double firstDone = -1;
        private long firstTime;
        private long told = System.nanoTime() - PAUSE_NANOS;
        private Set<String> names = Set.of();

        Reporter(PrintStream out) {
            this.out = out;
        }

        @Override
        public synchronized void update(double done, Map<String, Double> figures) {
            long now = System.nanoTime();
            if (firstDone < 0) {
                firstDone = done;
                firstTime = now;
            }
            if (now - told < PAUSE_NANOS && done < 1 && names.equals(figures.keySet())) {
                return;
            }
            told = now;
            names = Set.copyOf(figures.keySet());
            Map<String, Double> all = new LinkedHashMap<>(figures);
            if (done > firstDone && done < 1) {
                all.put(SECONDS_LEFT, (now - firstTime) / 1e9 * (1 - done) / (done - firstDone));
            }
            out.println(Message.write(new Message.Progress(done, all)));
        }

        @Override
        public boolean cancelled() {
            return false;
        }
    }
}
