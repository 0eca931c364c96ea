package org.wherefore.cli.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.narrate.Narrator;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.predict.PredictionRequest;
import org.wherefore.api.predict.PredictionService;

/** {@code wherefore predict DOMAIN --user ID}, or {@code --set FIELD=VALUE} where records are judged. */
@Component(service = Function.class, property = {"wherefore.command=predict",
        "wherefore.command.help=DOMAIN (--user ID | --history ID,ID | --set FIELD=VALUE...) [--k N] [--locale en|zh]  one explained prediction"})
public class PredictCommand implements Function<List<String>, Integer> {
    private static final String USAGE = "wherefore predict DOMAIN (--user ID | --history ID,ID,... | --set FIELD=VALUE...) [--k N] [--locale en|zh]";
    private final Plugins plugins;
    private final PredictionService predictions;
    private final PredictionPrinter printer;

    @Activate
    public PredictCommand(@Reference Plugins plugins, @Reference PredictionService predictions, @Reference Journal journal,
            @Reference Narrator narrator) {
        this.plugins = plugins;
        this.predictions = predictions;
        this.printer = new PredictionPrinter(journal, narrator);
    }

    @Override
    public Integer apply(List<String> args) {
        return Terminal.run(() -> {
            Arguments a = new Arguments(USAGE, args, Set.of("user", "history", "k", "locale"), Set.of());
            String domain = a.positional(0, "DOMAIN", USAGE);
            String history = a.option("history", null);
            Locale locale = Locale.forLanguageTag(a.option("locale", "en"));
            DomainPack pack = plugins.domain(domain);
            if (pack.classification().isPresent()) {
                printer.print(predictions.predict(PredictionRequest.of(domain, RecordOf.given(pack, pack.classification().get(), a.parameters()),
                        ExplanationRequest.defaults(locale))), locale);
                return 0;
            }
            if (a.option("user", null) == null && history == null) {
                throw Terminal.usage("name a user or a history; usage: " + USAGE);
            }
            StoredPrediction p = predictions.predict(new PredictionRequest(domain, a.option("user", null),
                    history == null ? null : Arrays.asList(history.split(",")), a.number("k", 10), true, List.of(),
                    ExplanationRequest.defaults(locale)));
            printer.print(p, locale);
            return 0;
        });
    }
}
