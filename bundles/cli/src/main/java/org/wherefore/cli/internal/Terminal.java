package org.wherefore.cli.internal;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.spi.TrainingProgress;

/** What commands print: results to standard output, progress and errors to standard error. */
final class Terminal {
    private Terminal() {}

    /** Runs a command and turns what goes wrong into a message and an exit code. */
    static int run(java.util.concurrent.Callable<Integer> command) {
        try {
            return command.call();
        } catch (WhereforeException e) {
            System.err.println("wherefore: " + e.getMessage());
            return switch (e.code()) {
                case INVALID_INPUT -> 2;
                case BAD_DATA -> 3;
                case CONFLICT, NOT_FOUND, MODEL_UNAVAILABLE, UNSUPPORTED -> 4;
                default -> 1;
            };
        } catch (Exception e) {
            System.err.println("wherefore: defect: " + e);
            System.getLogger(Terminal.class.getName()).log(System.Logger.Level.ERROR, "command failed", e);
            return 1;
        }
    }

    /** A bar with time left on a terminal; elsewhere a line every ten percent. */
    static TrainingProgress progress(String what) {
        long start = System.nanoTime();
        boolean terminal = System.console() != null;
        PrintStream err = System.err;
        return new TrainingProgress() {
            private int lastTenth = -1;
            private long lastDrawn;

            @Override
            public synchronized void update(double done, Map<String, Double> figures) {
                long now = System.nanoTime();
                double seconds = (now - start) / 1e9;
                Double told = figures.get(TrainingProgress.SECONDS_LEFT);
                String left = done >= 1 || told == null && done <= 0.01 ? time(seconds)
                        : time(told == null ? seconds / done * (1 - done) : told) + " left";
                StringBuilder line = new StringBuilder(what).append(' ').append(bar(done)).append(' ').append(left);
                figures.forEach((k, v) -> {
                    if (!k.equals(TrainingProgress.SECONDS_LEFT)) {
                        line.append("  ").append(k).append(' ').append(number(v));
                    }
                });
                if (terminal && (now - lastDrawn > 100_000_000 || done >= 1)) {
                    lastDrawn = now;
                    err.print("\r\033[K" + line + (done >= 1 ? "\n" : ""));
                    err.flush();
                } else if (!terminal && (int) (done * 10) > lastTenth) {
                    lastTenth = (int) (done * 10);
                    err.println(line);
                }
            }

            @Override
            public boolean cancelled() {
                return Thread.currentThread().isInterrupted();
            }
        };
    }

    private static String bar(double done) {
        int n = (int) Math.round(Math.max(0, Math.min(1, done)) * 24);
        return "[" + "#".repeat(n) + ".".repeat(24 - n) + "] " + String.format(Locale.ROOT, "%3d %%", Math.round(done * 100));
    }

    private static String time(double seconds) {
        long s = Math.round(seconds);
        return s < 60 ? s + " s" : s / 60 + " min " + s % 60 + " s";
    }

    static String number(double v) {
        return v == Math.rint(v) && Math.abs(v) < 1e9 ? Long.toString((long) v)
                : String.format(Locale.ROOT, Math.abs(v) < 10 ? "%.4f" : "%.1f", v);
    }

    /** @throws WhereforeException always; for an error the caller must mend */
    static WhereforeException usage(String message) {
        return new WhereforeException(ErrorCode.INVALID_INPUT, message);
    }
}
