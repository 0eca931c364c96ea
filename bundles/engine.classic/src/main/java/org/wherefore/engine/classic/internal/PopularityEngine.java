package org.wherefore.engine.classic.internal;

import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.TrainingProgress;

/** Engine {@code popularity}: a target's score is its number of training events, for everybody the same. Thread-safe. */
@Component(service = Engine.class)
public class PopularityEngine extends ClassicEngine {
    @Activate
    public PopularityEngine() {
        super("popularity");
    }

    @Override
    ClassicData learn(int targets, int[] events, List<int[]> sequences, Map<String, String> parameters,
            TrainingProgress progress) {
        return plain(name(), events);
    }

    @Override
    Scorer scorer(ClassicData data) {
        return new Scorer() {
            @Override
            public void all(SequenceInstance history, double[] scores) {
                for (int t = 0; t < scores.length; t++) {
                    scores[t] = data.events()[t];
                }
            }

            @Override
            public double one(SequenceInstance history, int target) {
                return data.events()[target];
            }
        };
    }
}
