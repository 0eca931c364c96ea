package org.wherefore.api.registry;

import java.io.InputStream;
import java.io.OutputStream;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.model.ModelRef;

/**
 * Models as single files: a zip with {@code manifest.json} first and the artifact's entries under {@code artifact/}. Nothing is held in
 * memory whole. Thread-safe.
 */
@ProviderType
public interface ModelArchives {
    /** Media type of an archive. */
    String MEDIA_TYPE = "application/zip";
    /** Largest archive, in bytes, that is taken over the net. */
    long MAX_BYTES = 1L << 30;

    /**
     * Writes a version.
     *
     * @param out not closed
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND}; {@code MODEL_UNAVAILABLE} when it can't be loaded, which its input
     *         signature needs; {@code STORAGE} when reading or writing fails
     */
    void write(ModelRef ref, OutputStream out);

    /**
     * Reads an archive into a staged model, checks it, and loads it. Nothing is a version before {@link Import#commit}.
     *
     * @param name of the model that it becomes a version of
     * @param in read to the archive's end, not closed
     * @throws org.wherefore.api.WhereforeException {@code BAD_DATA} naming the entry and the rule it breaks, or {@code UNSUPPORTED} when
     *         engine or extractor are not installed or take no such model: nothing is left behind; {@code INVALID_INPUT} for the name;
     *         {@code STORAGE}
     */
    Import read(String name, InputStream in);
}
