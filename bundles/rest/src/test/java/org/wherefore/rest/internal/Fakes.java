package org.wherefore.rest.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.explain.GlobalExplanations;
import org.wherefore.api.explain.Quality;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.journal.Feedback;
import org.wherefore.api.journal.FeedbackCount;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.Page;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.narrate.Narrator;
import org.wherefore.api.platform.FeatureInfo;
import org.wherefore.api.platform.FeatureOrder;
import org.wherefore.api.platform.FeaturePlan;
import org.wherefore.api.platform.FeatureReport;
import org.wherefore.api.platform.FeatureSet;
import org.wherefore.api.platform.Features;
import org.wherefore.api.plugin.OfferedService;
import org.wherefore.api.plugin.PluginBundle;
import org.wherefore.api.plugin.PluginBundles;
import org.wherefore.api.plugin.PluginChange;
import org.wherefore.api.plugin.Signature;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.predict.PredictionRequest;
import org.wherefore.api.predict.PredictionService;
import org.wherefore.api.predict.Strategies;
import org.wherefore.api.predict.StrategyState;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Transition;
import org.wherefore.api.train.TrainingResult;
import org.wherefore.api.train.TrainingService;

/** A small shop: two items, one user, two model versions; services answer by name through proxies. */
final class Fakes {
    static final ModelInfo MODEL = new ModelInfo("ecommerce", 2, "fake", "sha256:ab");
    final Services services = new Services();
    final Map<String, Entity> entities = new TreeMap<>();
    final List<Event> events = new ArrayList<>();
    final List<Feedback> feedback = new ArrayList<>();
    final Map<String, StoredPrediction> predictions = new TreeMap<>();
    final Map<String, FeatureInfo> set = new TreeMap<>();
    final Map<String, PluginBundle> plugins = new TreeMap<>();
    final List<Transition> transitions = new ArrayList<>();
    PredictionRequest asked;
    /** What explanations hold. */
    Finding finding = new Attribution(0, 7.31, 1, List.of(new Contribution("history:50", 0, 1.92, 0)), 0.1, 0.93);
    String contrast = "";
    ExplanationRequest again;
    StrategyState strategy = new StrategyState("occlusion", "1.0.0", "active", "", 0, 0, Instant.EPOCH);
    Consumer<StrategyState> listener;
    RuntimeException failure;
    /** What was last measured. */
    GlobalExplanation overall;

    interface Handler {
        Object call(String method, Object[] a);
    }

    static <T> T fake(Class<T> type, Handler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (p, m, a) -> switch (m.getName()) {
            case "hashCode" -> System.identityHashCode(p);
            case "equals" -> p == a[0];
            default -> handler.call(m.getName(), a);
        }));
    }

    Fakes() {
        put(new Entity("item", "50", "Star Wars (1977)", Map.of("genre", List.of("Sci-Fi"))));
        put(new Entity("item", "181", "<b>Return</b> of the Jedi (1983)", Map.of()));
        put(new Entity("user", "42", "Ada", Map.of()));
        events.add(new Event("e1", "42", "50", "view", Instant.EPOCH));
        transitions.add(new Transition(1, "ecommerce", "champion", 0, 1, "x", "", Instant.EPOCH));
        transitions.add(new Transition(2, "ecommerce", "champion", 1, 2, "x", "", Instant.EPOCH));
        DomainPack pack = fake(DomainPack.class, (m, a) -> switch (m) {
            case "id" -> "ecommerce";
            case "title" -> "Shop";
            case "tasks" -> List.of("next-item");
            case "modalities", "claimKinds" -> List.of("history");
            case "schemas" -> List.of(new Schema("events", List.of(Field.required("user", FieldType.TEXT))));
            default -> "fake";
        });
        Explainer explainer = fake(Explainer.class, (m, a) -> switch (m) {
            case "parameters" -> List.of(new Parameter("budget", "integer", "512", "evaluations"));
            case "version" -> "1.0.0";
            default -> "occlusion";
        });
        services.plugins = fake(Plugins.class, (m, a) -> switch (m) {
            case "domains" -> List.of(pack);
            case "domain" -> a[0].equals("ecommerce") ? pack : missing("there is no domain '" + a[0] + "'");
            case "explainers" -> List.of(explainer);
            case "explainer" -> Set.of("", "occlusion").contains(a[0]) ? explainer : missing("there is no strategy '" + a[0] + "'");
            case "engine" -> missing("there is no engine");
            default -> List.of();
        });
        services.strategies = new Strategies() {
            @Override
            public List<StrategyState> states() {
                return List.of(strategy);
            }

            @Override
            public StrategyState release(String name) {
                if (!name.equals("occlusion")) {
                    missing("there is no strategy '" + name + "'");
                }
                strategy = new StrategyState("occlusion", "1.0.0", "active", "", 0, 0, Instant.EPOCH);
                listener.accept(strategy);
                return strategy;
            }

            @Override
            public Runnable listen(Consumer<StrategyState> to) {
                listener = to;
                return () -> listener = null;
            }
        };
        services.narrator = fake(Narrator.class, (m, a) -> switch (m) {
            case "locales" -> Set.of(Locale.ENGLISH, Locale.CHINESE);
            default -> ((Locale) a[2]).getLanguage().equals("zh") ? "因为" : "Because you watched";
        });
        services.journal = fake(Journal.class, (m, a) -> switch (m) {
            case "entity" -> Optional.ofNullable(entities.get(a[1] + "/" + a[2]));
            case "entities" -> new Page<>(entities.values().stream().filter(e -> e.kind().equals(a[1])).toList(), null);
            case "put" -> put((Entity) a[1]);
            case "delete" -> entities.remove(a[1] + "/" + a[2]) != null;
            case "append" -> append((List<?>) a[1]);
            case "history" -> last(events.stream().filter(e -> e.user().equals(a[1])).toList(), (int) a[2]);
            case "prediction" -> Optional.ofNullable(predictions.get(a[0]));
            case "record" -> a[0] instanceof Feedback f ? predictions.containsKey(f.prediction()) ? feedback.add(f)
                    : missing("there is no prediction") : null;
            case "feedbackCounts" -> List.of(new FeedbackCount("ecommerce", 2, "click", true, 3));
            case "predictionCounts" -> Map.of("ecommerce:2:true", 6L, "ecommerce:2:false", 4L);
            default -> null;
        });
        services.registry = fake(ModelRegistry.class, (m, a) -> switch (m) {
            case "names" -> List.of("ecommerce");
            case "versions" -> a[0].equals("ecommerce") ? List.of(version(1), version(2)) : List.of();
            case "find" -> Optional.of(version(2));
            case "aliases" -> Map.of("champion", transitions.get(transitions.size() - 1).to());
            case "transitions" -> transitions;
            case "promote" -> move((String) a[1], (int) a[2]);
            case "rollback" -> move((String) a[1], transitions.get(transitions.size() - 1).from());
            default -> null;
        });
        services.predictions = fake(PredictionService.class, (m, a) -> {
            if (failure != null) {
                throw failure;
            }
            if (m.equals("explain")) {
                again = (ExplanationRequest) a[2];
                return List.of(explanation());
            }
            asked = (PredictionRequest) a[0];
            StoredPrediction p = new StoredPrediction("p1", asked.domain(), MODEL, asked.user() == null ? "" : asked.user(), List.of(),
                    List.of(), List.of(new Output(0, "181", 1, 7.31)), asked.explain() == null ? List.of() : List.of(explanation()), "", Instant.EPOCH);
            predictions.put("p1", p);
            return p;
        });
        services.bundles = fake(PluginBundles.class, (m, a) -> switch (m) {
            case "list" -> List.copyOf(plugins.values());
            case "install" -> install((InputStream) a[0]);
            default -> new PluginChange(Optional.ofNullable(plugins.remove(a[0])).orElseThrow(() ->
                    new WhereforeException(ErrorCode.NOT_FOUND, "there is no plugin '" + a[0] + "'")), false, List.of((String) a[0]));
        });
        services.features = fake(Features.class, (m, a) -> switch (m) {
            case "list" -> new FeatureSet("t" + set.size(), set.values().stream().toList(), 72, 70 + set.size());
            case "stage" -> "archive:ab";
            case "plan" -> plan((FeatureOrder) a[0]);
            default -> change((FeatureOrder) a[0]);
        });
        services.overall = fake(GlobalExplanations.class, (m, a) -> Optional.ofNullable(overall));
        services.training = fake(TrainingService.class, (m, a) ->
                new TrainingResult(version(2), Map.of("hr@10", 0.3), Map.of("popularity", Map.of("hr@10", 0.1)), null, 1.5));
    }

    private FeaturePlan plan(FeatureOrder order) {
        if (order.remove().contains("base")) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "feature 'base' is a part that the others stand on");
        }
        return new FeaturePlan("t" + set.size(), order.install(), List.of(), order.remove(),
                List.of(new FeaturePlan.Step("install", "com.example.fraud", "1.0.0", "part of fraud")));
    }

    private FeatureReport change(FeatureOrder order) {
        FeaturePlan plan = plan(order);
        order.install().forEach(n -> set.put(n, new FeatureInfo(n, "g:" + n + ":1", n, "installed", "archive", "running", List.of("base"),
                List.of(new FeatureInfo.Bundle("g:b:1", List.of(n), Signature.UNSIGNED)))));
        order.remove().forEach(set::remove);
        return new FeatureReport(plan, "t" + set.size(), List.of("com.example.fraud 1.0.0"), List.of(), List.of());
    }

    /** A jar is the text of its symbolic name. */
    private PluginChange install(InputStream jar) {
        try {
            String name = new String(jar.readAllBytes());
            PluginBundle b = new PluginBundle(name, "1.0.0", "active", List.of(new OfferedService(Explainer.class.getName(), "mine")), "sha256:ab",
                    new Signature(Signature.UNSIGNED, "", "nobody signed it"), List.of());
            return new PluginChange(b, plugins.put(name, b) != null, List.of(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object missing(String what) {
        throw new WhereforeException(ErrorCode.NOT_FOUND, what);
    }

    private static List<Event> last(List<Event> all, int limit) {
        return all.subList(Math.max(0, all.size() - limit), all.size());
    }

    private Object put(Entity e) {
        return entities.put(e.kind() + "/" + e.id(), e);
    }

    private int append(List<?> more) {
        int n = 0;
        for (Object o : more) {
            if (events.stream().noneMatch(e -> e.id().equals(((Event) o).id()))) {
                events.add((Event) o);
                n++;
            }
        }
        return n;
    }

    private Transition move(String alias, int to) {
        Transition t = new Transition(transitions.size() + 1, "ecommerce", alias, transitions.get(transitions.size() - 1).to(), to, "rest", "", Instant.EPOCH);
        transitions.add(t);
        return t;
    }

    private static ModelVersion version(int v) {
        return new ModelVersion(new ModelInfo("ecommerce", v, "fake", "sha256:ab"), Instant.EPOCH, Map.of("seed", "7"), Map.of("hr@10", 0.3, "x", Double.NaN));
    }

    private Explanation explanation() {
        return new Explanation("complete", "", "occlusion", "1.0.0", 7, MODEL,
                finding,
                List.of(new Claim("history", "181", List.of("50"), Map.of("n", "1"), new ClaimTest("remove-events", Map.of("scoreBefore", 7.31)), Verdict.SUPPORTED)),
                0, new Quality(Double.NaN, 1, 9), contrast);
    }
}
