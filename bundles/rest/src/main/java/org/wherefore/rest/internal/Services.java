package org.wherefore.rest.internal;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Access;
import org.wherefore.api.access.ApiKeys;
import org.wherefore.api.access.Audit;
import org.wherefore.api.data.Entity;
import org.wherefore.api.explain.GlobalExplanations;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.narrate.Narrator;
import org.wherefore.api.platform.Features;
import org.wherefore.api.plugin.PluginBundles;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.predict.PredictionService;
import org.wherefore.api.predict.Records;
import org.wherefore.api.predict.Strategies;
import org.wherefore.api.registry.ModelArchives;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.ModelServing;
import org.wherefore.api.report.Reports;
import org.wherefore.api.report.spi.ReportRenderer;
import org.wherefore.api.train.TrainingService;

/**
 * The platform's services as they are now. They come and go while resources stay, so each call asks again; one that is
 * missing is a 503 ({@code MODEL_UNAVAILABLE}), not a 404. Also holds the bounded cache of item titles. Thread-safe.
 */
@Component(service = Services.class)
public class Services {
    private static final int MAX_TITLES = 200_000;
    private static final long TITLES_NANOS = 60_000_000_000L;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile PredictionService predictions;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Journal journal;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile ModelRegistry registry;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Plugins plugins;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Strategies strategies;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Narrator narrator;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile TrainingService training;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile PluginBundles bundles;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile GlobalExplanations overall;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile ModelServing serving;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile ModelArchives archives;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Records records;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Access access;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile ApiKeys keys;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Audit audit;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Features features;
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    volatile Reports reports;
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    volatile List<ReportRenderer> renderers = List.of();

    private record Titles(long until, Map<String, Map<String, String>> byDomain) {}

    private volatile Titles titles = new Titles(System.nanoTime() + TITLES_NANOS, new ConcurrentHashMap<>());

    @Activate
    public Services() {}

    Access access() {
        return present(access, "access");
    }

    ApiKeys keys() {
        return present(keys, "access");
    }

    Audit audit() {
        return present(audit, "audit");
    }

    PredictionService predictions() {
        return present(predictions, "prediction");
    }

    Strategies strategies() {
        return present(strategies, "plugins");
    }

    Journal journal() {
        return present(journal, "journal");
    }

    ModelRegistry registry() {
        return present(registry, "model registry");
    }

    Plugins plugins() {
        return present(plugins, "plugin");
    }

    Narrator narrator() {
        return present(narrator, "narration");
    }

    TrainingService training() {
        return present(training, "training");
    }

    GlobalExplanations overall() {
        return present(overall, "global explanation");
    }

    Reports reports() {
        return present(reports, "report");
    }

    ReportRenderer renderer(String mediaType) {
        return renderers.stream().filter(r -> r.mediaType().equals(mediaType)).findFirst().orElseThrow(() -> new WhereforeException(
                ErrorCode.UNSUPPORTED, "no installed bundle writes reports as " + mediaType + "; install the feature 'report', or ask for application/json"));
    }

    Records records() {
        return present(records, "records");
    }

    ModelServing serving() {
        return present(serving, "serving");
    }

    ModelArchives archives() {
        return present(archives, "model registry");
    }

    PluginBundles bundles() {
        return present(bundles, "plugin bundle");
    }

    Features features() {
        return present(features, "feature");
    }

    /** Item id to title (the id itself where there is none); answers of the last minute are remembered. */
    UnaryOperator<String> titles(String domain) {
        Titles t = titles;
        if (System.nanoTime() - t.until > 0) {
            forgetTitles();
            t = titles;
        }
        Map<String, String> known = t.byDomain.computeIfAbsent(domain, d -> new ConcurrentHashMap<>());
        Journal j = journal();
        return id -> {
            String title = known.get(id);
            if (title == null) {
                title = j.entity(domain, "item", id).map(Entity::title).filter(s -> !s.isBlank()).orElse(id);
                if (known.size() >= MAX_TITLES) {
                    known.clear();
                }
                known.put(id, title);
            }
            return title;
        };
    }

    void forgetTitles() {
        titles = new Titles(System.nanoTime() + TITLES_NANOS, new ConcurrentHashMap<>());
    }

    /** The first wanted language that the narrator speaks, else English. */
    Locale language(Iterable<Locale> wanted) {
        Narrator n = narrator;
        if (n != null) {
            for (Locale w : wanted) {
                if (w.getLanguage().isEmpty() || w.getLanguage().equals("*")) {
                    continue;
                }
                for (Locale l : n.locales()) {
                    if (l.getLanguage().equals(w.getLanguage())) {
                        return w;
                    }
                }
            }
        }
        return Locale.ENGLISH;
    }

    private static <T> T present(T service, String name) {
        if (service == null) {
            throw new WhereforeException(ErrorCode.MODEL_UNAVAILABLE, "the " + name + " service is not running now; see /readyz");
        }
        return service;
    }
}
