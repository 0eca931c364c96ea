package org.wherefore.cli.internal;

import java.util.Locale;

import org.wherefore.api.data.Entity;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.Output;
import org.wherefore.api.narrate.Narrator;

/** Prints a prediction with its sentences. */
final class PredictionPrinter {
    private final Journal journal;
    private final Narrator narrator;

    PredictionPrinter(Journal journal, Narrator narrator) {
        this.journal = journal;
        this.narrator = narrator;
    }

    void print(StoredPrediction p, Locale locale) {
        System.out.println("prediction " + p.id() + " by " + p.model().name() + ":" + p.model().version() + " ("
                + p.model().engine() + ")" + (p.fallback().isEmpty() ? "" : ", classical branch: " + p.fallback()));
        for (int i = 0; i < p.outputs().size(); i++) {
            Output o = p.outputs().get(i);
            if (o.decision() == null) {
                System.out.printf(Locale.ROOT, "%3d. %s  (%.3f)%n", o.rank(), title(p.domain(), o.target()), o.score());
            } else {
                System.out.printf(Locale.ROOT, "%3d. %s: %s, probability %.3f (%s from %.3f on)%n", o.rank(), o.target(), o.decision().name(),
                        o.decision().probability(), o.decision().name(), o.decision().threshold());
            }
            if (i < p.explanations().size()) {
                Explanation e = p.explanations().get(i);
                e.claims().forEach(c -> System.out.println("       "
                        + narrator.sentence(p.domain(), c, locale, id -> title(p.domain(), id))));
            }
        }
    }

    private String title(String domain, String id) {
        return journal.entity(domain, "item", id).map(Entity::title).orElse(id);
    }
}
