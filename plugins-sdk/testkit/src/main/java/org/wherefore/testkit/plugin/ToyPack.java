package org.wherefore.testkit.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.testkit.data.Records;
import org.wherefore.testkit.data.ToyData;

/** Pack {@code toy}: names the toy plugins; its sample is {@link ToyData#shop} as {@link ToyConnector} reads it. Thread-safe. */
public final class ToyPack implements DomainPack {
    @Override
    public String id() {
        return "toy";
    }

    @Override
    public String title(Locale locale) {
        return "zh".equals(locale.getLanguage()) ? "玩具" : "Toy";
    }

    @Override
    public List<String> tasks() {
        return List.of("next-item");
    }

    @Override
    public List<String> modalities() {
        return List.of("sequence");
    }

    @Override
    public List<Schema> schemas() {
        return List.of(Records.EVENTS, Records.ITEMS);
    }

    @Override
    public String extractor() {
        return "toy";
    }

    @Override
    public String engine() {
        return "toy";
    }

    @Override
    public String fallbackEngine() {
        return "toy";
    }

    @Override
    public List<String> claimKinds() {
        return List.of("history", "cohort", "fallback");
    }

    @Override
    public Map<String, String> trainingDefaults() {
        return Map.of("noise", "0.125");
    }

    @Override
    public Optional<Path> writeSample(Path folder, long seed) {
        StringBuilder events = new StringBuilder("user|item|kind|time\n");
        for (List<Event> history : ToyData.shop(20, 8, seed).histories().values()) {
            for (Event e : history) {
                events.append(e.user()).append('|').append(e.item()).append('|').append(e.kind()).append('|').append(e.time()).append('\n');
            }
        }
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("toy-events.txt"), events);
            return Optional.of(Files.writeString(folder.resolve("toy.json"), """
                    {"name": "toy", "domain": "toy",
                     "sources": [{"connector": "toy", "role": "events", "path": "toy-events.txt",
                                  "columns": {"user": "user", "item": "item", "kind": "kind", "time": "time"}}]}
                    """));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, folder.toString(), "the toy sample can't be written to '" + folder
                    + "'; is the folder writable?", e);
        }
    }
}
