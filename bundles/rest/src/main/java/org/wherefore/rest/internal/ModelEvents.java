package org.wherefore.rest.internal;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.registry.ModelServing;

/** Tells listeners of {@code /api/v1/events} of every transition, whoever made it ({@code model}). Thread-safe. */
@Component(service = ModelEvents.class, immediate = true)
public class ModelEvents {
    private final Runnable stop;

    @Activate
    public ModelEvents(@Reference ModelServing serving, @Reference Feed feed) {
        stop = serving.listen(t -> feed.publish("model", json -> Render.transition(json, t)));
    }

    @Deactivate
    public void stop() {
        stop.run();
    }
}
