package org.wherefore.journal.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.h2.jdbcx.JdbcConnectionPool;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.journal.StoredPrediction;

/**
 * Writes predictions behind, in batches; callers wait only when the queue is full. A batch that the database refuses five times
 * is given up and logged as an error.
 */
final class PredictionWriter {
    private static final int QUEUE = 10_000;
    private static final int BATCH = 500;
    private static final int TRIES = 5;

    /** Either a prediction to store or a signal that everything before it is stored. */
    private record Entry(StoredPrediction prediction, CountDownLatch reached) {}

    private final JdbcConnectionPool pool;
    private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Map<String, StoredPrediction> pending = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::run, "wherefore-journal-writer");
    private volatile boolean closed;

    PredictionWriter(JdbcConnectionPool pool) {
        this.pool = pool;
        thread.setDaemon(true);
        thread.start();
    }

    void add(StoredPrediction p) {
        pending.put(p.id(), p);
        put(new Entry(p, null));
    }

    Optional<StoredPrediction> pending(String id) {
        return Optional.ofNullable(pending.get(id));
    }

    void flush() {
        CountDownLatch reached = new CountDownLatch(1);
        put(new Entry(null, reached));
        try {
            if (!reached.await(30, TimeUnit.SECONDS)) {
                throw new WhereforeException(ErrorCode.STORAGE, "predictions could not be written within 30 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WhereforeException(ErrorCode.CANCELLED, "interrupted while predictions were written", e);
        }
    }

    private void put(Entry e) {
        if (closed) {
            throw new WhereforeException(ErrorCode.STORAGE, "the journal is closed");
        }
        try {
            queue.put(e);
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
            throw new WhereforeException(ErrorCode.CANCELLED, "interrupted while a prediction was stored", x);
        }
    }

    void close() {
        flush();
        closed = true;
        thread.interrupt();
    }

    private void run() {
        List<Entry> batch = new ArrayList<>(BATCH);
        while (!closed) {
            try {
                batch.add(queue.take());
                queue.drainTo(batch, BATCH - 1);
                store(batch);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            batch.clear();
        }
    }

    private void store(List<Entry> batch) throws InterruptedException {
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            try (Connection c = pool.getConnection()) {
                c.setAutoCommit(false);
                try (PreparedStatement s = c.prepareStatement("merge into prediction values(?, ?, ?, ?, ?, ?)")) {
                    for (Entry e : batch) {
                        if (e.prediction() != null) {
                            StoredPrediction p = e.prediction();
                            s.setString(1, p.id());
                            s.setString(2, p.domain());
                            s.setString(3, p.model().name());
                            s.setInt(4, p.model().version());
                            s.setBoolean(5, !p.explanations().isEmpty());
                            s.setBytes(6, PredictionCodec.write(p));
                            s.addBatch();
                        }
                    }
                    s.executeBatch();
                    c.commit();
                } finally {
                    c.setAutoCommit(true);
                }
                break;
            } catch (SQLException e) {
                System.getLogger(PredictionWriter.class.getName()).log(System.Logger.Level.ERROR,
                        batch.size() + " predictions could not be written, try " + attempt + " of " + TRIES, e);
                TimeUnit.MILLISECONDS.sleep(100L * attempt);
            }
        }
        for (Entry e : batch) {
            if (e.prediction() != null) {
                pending.remove(e.prediction().id());
            } else {
                e.reached().countDown();
            }
        }
    }
}
