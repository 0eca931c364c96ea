package org.wherefore.rest.internal;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.predict.Strategies;
import org.wherefore.api.predict.StrategyState;

/** Tells listeners of {@code /api/v1/events} when a strategy enters or leaves quarantine ({@code plugin}). Thread-safe. */
@Component(service = StrategyEvents.class, immediate = true)
public class StrategyEvents {
    private final Feed feed;
    private final Runnable stop;

    @Activate
    public StrategyEvents(@Reference Strategies strategies, @Reference Feed feed) {
        this.feed = feed;
        stop = strategies.listen(this::publish);
    }

    @Deactivate
    public void stop() {
        stop.run();
    }

    private void publish(StrategyState s) {
        feed.publish("plugin", json -> {
            json.writeStartObject();
            json.writeStringField("kind", "strategy");
            json.writeStringField("name", s.name());
            json.writeStringField("version", s.version());
            Render.state(json, s);
            json.writeEndObject();
        });
    }
}
