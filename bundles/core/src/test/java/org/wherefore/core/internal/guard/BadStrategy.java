package org.wherefore.core.internal.guard;

import java.util.List;
import java.util.function.Function;

import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.spi.Model;

/** A strategy that does whatever a test wants when it is asked to explain. */
record BadStrategy(String name, Function<ExplanationContext, List<? extends Finding>> deed) implements Explainer {
    @Override
    public String version() {
        return "1.0.0";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Support supports(Model model, Instance instance) {
        return Support.yes();
    }

    @Override
    public List<? extends Finding> explain(ExplanationContext context) {
        return deed.apply(context);
    }
}
