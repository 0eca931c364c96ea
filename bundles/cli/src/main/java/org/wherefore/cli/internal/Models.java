package org.wherefore.cli.internal;

import java.nio.file.Path;

import org.wherefore.api.model.ModelRef;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.Traffic;

import com.fasterxml.jackson.databind.JsonNode;

/** What {@code wherefore model} looks at and changes; answers are JSON as the REST contract has it. One thread. */
interface Models {
    /** {@code ModelSummary} of each model. */
    JsonNode list();

    /** {@code ModelSummary} with versions and transitions. */
    JsonNode show(String name);

    /** {@code Traffic}. */
    JsonNode traffic(String name);

    /** {@code Alias}. */
    JsonNode promote(String name, int version, String alias, String why);

    /** {@code Alias}. */
    JsonNode rollback(String name, String alias, String why);

    /** {@code Traffic}. */
    JsonNode split(String name, Traffic traffic, String why);

    /** Writes the archive into a file that is not there yet. */
    void export(ModelRef ref, Path file);

    /** {@code ModelVersion}. */
    JsonNode importArchive(String name, Path file, String why);

    /** {@code Pruned}. */
    JsonNode prune(String name, Retention retention, boolean dryRun, String why);
}
