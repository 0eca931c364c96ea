package org.wherefore.core.internal.serve;

import java.util.BitSet;
import java.util.List;
import java.util.Objects;

import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.cases.CaseFile;

/**
 * A few real predictions before the first request, on cases the model keeps or, where it keeps none, on a history without events: they
 * show that it answers, and make ready what is made ready by the first use.
 *
 * @param tried how many were made
 * @param problem what went wrong in words; empty when nothing did
 */
record Trial(int tried, String problem) {
    private static final int CASES = 8;
    private static final int OUTPUTS = 10;

    static Trial of(Model model, FittedExtractor extractor, ArtifactReader artifact) {
        List<Instance> cases;
        try {
            cases = CaseFile.read(artifact).stream().limit(CASES).map(Example::instance).toList();
        } catch (WhereforeException e) {
            return new Trial(0, e.getMessage());
        }
        if (!cases.isEmpty()) {
            return of(model, extractor, cases);
        }
        Trial empty;
        try {
            empty = of(model, extractor, List.of(extractor.extract(new History(List.of()))));
        } catch (RuntimeException | LinkageError otherInput) {
            return new Trial(0, "");
        }
        return empty.problem.isEmpty() ? empty : new Trial(0, ""); // not every model answers for nothing
    }

    private static Trial of(Model model, FittedExtractor extractor, List<Instance> inputs) {
        int tried = 0;
        try {
            int targets = extractor.schema().targets().size();
            for (Instance input : inputs) {
                for (Output o : Objects.requireNonNull(model.predict(input, OUTPUTS, new BitSet()), "the answer")) {
                    if (o.index() < 0 || o.index() >= targets || !Double.isFinite(o.score())) {
                        return new Trial(tried, "it answered target " + o.index() + " of " + targets + " with the score " + o.score());
                    }
                }
                tried++;
            }
            return new Trial(tried, "");
        } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
            return new Trial(tried, e.toString());
        }
    }
}
