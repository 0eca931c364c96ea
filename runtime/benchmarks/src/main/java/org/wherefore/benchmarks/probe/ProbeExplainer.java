package org.wherefore.benchmarks.probe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/** A strategy that asks the model once and leaves all as the gap. Its name and version are in {@code probe.properties} of its bundle. */
public class ProbeExplainer implements Explainer {
    private final Properties self = new Properties();

    public ProbeExplainer() {
        try (InputStream in = ProbeExplainer.class.getResourceAsStream("/probe.properties")) {
            self.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return self.getProperty("name");
    }

    @Override
    public String version() {
        return self.getProperty("version");
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
        int[] targets = context.targets();
        RankedScore[] scores = context.model().score(List.of(context.instance()), targets, context.excluded(), false)[0];
        List<Attribution> out = new ArrayList<>();
        for (int i = 0; i < targets.length; i++) {
            out.add(new Attribution(targets[i], scores[i].score(), 0, List.of(), scores[i].score()));
        }
        return out;
    }
}
