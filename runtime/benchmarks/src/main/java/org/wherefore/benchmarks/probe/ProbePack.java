package org.wherefore.benchmarks.probe;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.spi.DomainPack;

/** A domain that is there and nothing else. */
public class ProbePack implements DomainPack {
    @Override
    public String id() {
        return "probe";
    }

    @Override
    public String title(Locale locale) {
        return "Probe";
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
        return List.of();
    }

    @Override
    public String extractor() {
        return "sequence";
    }

    @Override
    public String engine() {
        return "item-to-item";
    }

    @Override
    public String fallbackEngine() {
        return "item-to-item";
    }

    @Override
    public List<String> claimKinds() {
        return List.of("fallback");
    }

    @Override
    public Map<String, String> trainingDefaults() {
        return Map.of();
    }

    @Override
    public Optional<Path> writeSample(Path folder, long seed) {
        return Optional.empty();
    }
}
