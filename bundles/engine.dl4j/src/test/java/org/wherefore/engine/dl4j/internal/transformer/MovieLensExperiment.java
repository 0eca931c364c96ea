package org.wherefore.engine.dl4j.internal.transformer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Trains on a file of lines {@code user item item ...} and measures the last item of every user, as published results
 * do: {@code MovieLensExperiment FILE [key=value ...]}, with the keys dim, length, blocks, heads, hidden, dropout,
 * threads, epochs, batch, lr, loss, smoothing, decay, negatives, cosine, windows, popularity, patience, validation,
 * checkpoint (a directory), save (a file) and attributes (a JSON file of attribute ids by item).
 */
public final class MovieLensExperiment {
	private MovieLensExperiment() {
	}

	public static void main(String[] args) throws Exception {
		Map<String, String> o = new HashMap<>();
		Arrays.stream(args).skip(1).map(a -> a.split("=", 2)).forEach(a -> o.put(a[0], a[1]));
		List<int[]> users = new ArrayList<>();
		int items = 0;
		for (String line : Files.readAllLines(Path.of(args[0]))) {
			int[] s = Arrays.stream(line.trim().split(" ")).skip(1).mapToInt(x -> Integer.parseInt(x) - 1).toArray();
			items = Math.max(items, Arrays.stream(s).max().orElse(-1) + 1);
			if (s.length >= 3) {
				users.add(s);
			}
		}
		int attributes = 0;
		int[][] itemAttributes = null;
		if (o.containsKey("attributes")) {
			itemAttributes = new int[items][0];
			Matcher matcher = Pattern.compile("\"(\\d+)\": *\\[([^\\]]+)\\]")
					.matcher(Files.readString(Path.of(o.get("attributes"))));
			while (matcher.find()) {
				int[] ids = Arrays.stream(matcher.group(2).split(", *")).mapToInt(x -> Integer.parseInt(x.trim()) - 1)
						.toArray();
				int item = Integer.parseInt(matcher.group(1)) - 1;
				if (item < items) {
					itemAttributes[item] = ids;
					attributes = Math.max(attributes, Arrays.stream(ids).max().orElse(-1) + 1);
				}
			}
		}
		int d = Integer.parseInt(o.getOrDefault("dim", "128"));
		TransformerConfig config = new TransformerConfig(items, Integer.parseInt(o.getOrDefault("length", "200")), d,
				Integer.parseInt(o.getOrDefault("blocks", "2")), Integer.parseInt(o.getOrDefault("heads", "1")),
				Integer.parseInt(o.getOrDefault("hidden", "" + 2 * d)),
				Float.parseFloat(o.getOrDefault("dropout", "0.2")), 1, attributes,
				itemAttributes);
		TrainingOptions t = new TrainingOptions();
		t.threads = Integer.parseInt(o.getOrDefault("threads", "2"));
		t.epochs = Integer.parseInt(o.getOrDefault("epochs", "40"));
		t.batch = Integer.parseInt(o.getOrDefault("batch", "128"));
		t.learningRate = Float.parseFloat(o.getOrDefault("lr", "1e-3"));
		t.loss = Loss.valueOf(o.getOrDefault("loss", "SOFTMAX"));
		t.labelSmoothing = Float.parseFloat(o.getOrDefault("smoothing", "0"));
		t.weightDecay = Float.parseFloat(o.getOrDefault("decay", "0"));
		t.negatives = Integer.parseInt(o.getOrDefault("negatives", "256"));
		t.cosine = Boolean.parseBoolean(o.getOrDefault("cosine", "false"));
		t.randomWindows = Boolean.parseBoolean(o.getOrDefault("windows", "false"));
		t.popularityNegatives = Boolean.parseBoolean(o.getOrDefault("popularity", "false"));
		t.patience = Integer.parseInt(o.getOrDefault("patience", "5"));
		t.checkpoint = o.containsKey("checkpoint") ? Path.of(o.get("checkpoint")) : null;

		int[][] train = users.stream().map(s -> Arrays.copyOf(s, s.length - 2)).toArray(int[][]::new);
		int[] chosen = IntStream.range(0, users.size()).toArray();
		Random random = new Random(1);
		for (int i = chosen.length - 1; i > 0; i--) {
			int j = random.nextInt(i + 1);
			int swap = chosen[i];
			chosen[i] = chosen[j];
			chosen[j] = swap;
		}
		int n = Math.min(Integer.parseInt(o.getOrDefault("validation", "512")), chosen.length);
		int[][] histories = IntStream.range(0, n).mapToObj(i -> train[chosen[i]]).toArray(int[][]::new);
		int[] targets = IntStream.range(0, n).map(i -> users.get(chosen[i])[users.get(chosen[i]).length - 2]).toArray();
		Validation test = new Validation(users.stream().map(s -> Arrays.copyOf(s, s.length - 1)).toArray(int[][]::new),
				null, users.stream().mapToInt(s -> s[s.length - 1]).toArray());
		Transformer<float[]> model = Transformer.random(config, 1);
		System.out.println(config.items() + " items, " + users.size() + " users, " + model.parameterCount()
				+ " weights, " + model.newPass().k.name() + " " + o);
		long start = System.nanoTime();
		Trainer.Result r = new Trainer<>(model, t).train(train, null, new Validation(histories, null, targets), p -> {
			if (p.epochEnd() || p.step() % 100 == 0) {
				System.out.printf("%5.0fs epoch %d step %d/%d loss %.4f %.0f seq/s ndcg %.4f hr %.4f%n",
						(System.nanoTime() - start) / 1e9, p.epoch(), p.step(), p.totalSteps(), p.loss(),
						p.sequencesPerSecond(), p.ndcg(), p.hr());
			}
		}, null);
		System.out.println(r);
		Validation.Result result = test.measure(model);
		System.out.printf("test HR@10 %.4f NDCG@10 %.4f%n", result.hr(), result.ndcg());
		if (o.containsKey("save")) {
			try (var out = Files.newOutputStream(Path.of(o.get("save")))) {
				model.save(out);
			}
		}
	}
}
