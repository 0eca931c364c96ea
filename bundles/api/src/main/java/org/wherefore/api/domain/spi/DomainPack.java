package org.wherefore.api.domain.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.Factor;
import org.wherefore.api.report.Case;
import org.wherefore.api.report.Report;

/** A domain: its schemas, extractor, task and claim kinds. Thread-safe; data first, code only where needed. */
@ConsumerType
public interface DomainPack {
    /** Such as {@code ecommerce}; also the name of its model. */
    String id();

    String title(Locale locale);

    /** Such as {@code next-item}. */
    List<String> tasks();

    List<String> modalities();

    /** By role, such as {@code events}, {@code items}, {@code users}. */
    List<Schema> schemas();

    /** Name of its extractor. */
    String extractor();

    /** Name of the engine used when the caller names none. */
    String engine();

    /** Name of the classical engine that answers when there is no Transformer or no history. */
    String fallbackEngine();

    List<String> claimKinds();

    /** How records are judged; empty where its task is to rank items for a person. */
    default Optional<Classification> classification() {
        return Optional.empty();
    }

    /** What about a record can be out of the ordinary; none where its input is a history. */
    default List<Factor> factors() {
        return List.of();
    }

    /** The report of a judged record, in the reader's language or in English; empty where it has none. */
    default Optional<Report> report(Case about, Locale locale) {
        return Optional.empty();
    }

    /** Training parameters that suit its data. */
    Map<String, String> trainingDefaults();

    /** Writes its sample data and their description. @return the description's path, or empty when it has no sample */
    Optional<Path> writeSample(Path folder, long seed);
}
