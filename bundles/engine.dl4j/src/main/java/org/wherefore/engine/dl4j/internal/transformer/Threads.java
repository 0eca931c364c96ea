package org.wherefore.engine.dl4j.internal.transformer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

/** The threads of one training. The calling thread does the first part of everything. */
final class Threads implements AutoCloseable {
	private final ExecutorService pool;

	Threads(int count) {
		pool = Executors.newFixedThreadPool(Math.max(1, count - 1), r -> {
			Thread thread = new Thread(r, "wherefore-training");
			thread.setDaemon(true);
			return thread;
		});
	}

	/** Runs a part for each of the workers at the same time; answers the sum, added up in their order. */
	<W> double all(List<W> workers, ToDoubleFunction<W> part) {
		List<Future<Double>> others = new ArrayList<>();
		workers.subList(1, workers.size()).forEach(w -> others.add(pool.submit(() -> part.applyAsDouble(w))));
		double sum = part.applyAsDouble(workers.get(0));
		try {
			for (Future<Double> f : others) {
				sum += f.get();
			}
			return sum;
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Training was interrupted", e);
		} catch (ExecutionException e) {
			if (e.getCause() instanceof RuntimeException r) {
				throw r;
			}
			if (e.getCause() instanceof Error r) {
				throw r;
			}
			throw new IllegalStateException(e.getCause());
		}
	}

	@Override
	public void close() {
		pool.shutdownNow();
	}
}
