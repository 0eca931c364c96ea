package org.wherefore.itests.probe;

import java.util.ArrayList;
import java.util.List;

import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.spi.Model;

/** A strategy that does the deed which a request names; put into a bundle by {@code BadStrategyIT}. */
public class BadExplainer implements Explainer {
    @Override
    public String name() {
        return "bad";
    }

    @Override
    public String version() {
        return "1.0.0";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(new Parameter("deed", "text", "nothing", "what to do"));
    }

    @Override
    public Support supports(Model model, Instance instance) {
        return Support.yes();
    }

    @Override
    public List<? extends Finding> explain(ExplanationContext context) {
        switch (context.parameters().text("deed")) {
            case "throw" -> throw new IllegalStateException("told to");
            case "null" -> {
                return null;
            }
            case "rubbish" -> {
                return List.of(new Attribution(-1, Double.NaN, 0, List.of(), 0));
            }
            case "loop" -> {
                while (true) {
                    Thread.interrupted();
                }
            }
            case "threads" -> {
                for (int i = 0; i < 4; i++) {
                    new Thread(() -> {
                        while (true) {
                            Thread.interrupted();
                        }
                    }, "bad-" + i).start();
                }
            }
            case "allocate" -> {
                List<byte[]> all = new ArrayList<>();
                while (true) {
                    all.add(new byte[1 << 20]);
                }
            }
            default -> { }
        }
        int[] targets = context.targets();
        List<Attribution> out = new ArrayList<>();
        var scores = context.model().score(List.of(context.instance()), targets, context.excluded(), false)[0];
        for (int i = 0; i < targets.length; i++) {
            out.add(new Attribution(targets[i], scores[i].score(), 0, List.of(), scores[i].score()));
        }
        return out;
    }
}
