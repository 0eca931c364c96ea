package org.wherefore.testkit.service;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.wherefore.api.model.spi.TrainingProgress;

/** Remembers what an engine reported, and cancels after a given number of reports. Thread-safe. */
public final class RecordingProgress implements TrainingProgress {
    /** One report. */
    public record Update(double done, Map<String, Double> figures) {}

    private final int cancelAfter;
    private final List<Update> updates = new ArrayList<>();
    private int asked;

    /** Never cancels. */
    public RecordingProgress() {
        this(Integer.MAX_VALUE);
    }

    private RecordingProgress(int cancelAfter) {
        this.cancelAfter = cancelAfter;
    }

    /** Cancelled once {@code updates} reports came in; 0 is cancelled from the start. */
    public static RecordingProgress cancelledAfter(int updates) {
        return new RecordingProgress(updates);
    }

    @Override
    public synchronized void update(double done, Map<String, Double> figures) {
        updates.add(new Update(done, Map.copyOf(figures)));
    }

    @Override
    public synchronized boolean cancelled() {
        asked++;
        return updates.size() >= cancelAfter;
    }

    public synchronized List<Update> updates() {
        return List.copyOf(updates);
    }

    /** How often the engine asked whether it is cancelled. */
    public synchronized int asked() {
        return asked;
    }
}
