package org.wherefore.api.data.spi;

import java.util.Map;
import java.util.Objects;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.data.Picture;

/**
 * Decodes one image of some formats, as an upload or a connector has it. Thread-safe; keeps nothing between calls, writes no file.
 * What it needs is bounded by what it is given: sizes that a header claims are checked before anything is allocated for them.
 */
@ConsumerType
public interface ImageDecoder {
    /** How many bytes of the start {@link #supports} wants to see. */
    int HEAD = 512;

    /** Name for people and logs, such as {@code dicom}. */
    String name();

    /**
     * Whether the bytes look like a format that it decodes. Never throws, whatever they are.
     *
     * @param head the first {@link #HEAD} bytes, or all of them where there are fewer
     */
    boolean supports(byte[] head);

    /**
     * The picture, and what is known of it.
     *
     * @param bytes the whole file; not changed
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} saying what is wrong with it, {@code UNSUPPORTED} where it is
     *         sound but holds something that this decoder does not decode, such as a waveform. Neither says what texts the file holds
     */
    Decoded decode(byte[] bytes);

    /**
     * A decoded image.
     *
     * @param tags such as {@code format -> png}, {@code modality -> CR} or {@code de-identified -> true}; never a name, number or date of a
     *        person
     */
    record Decoded(Picture picture, Map<String, String> tags) {
        public Decoded {
            Objects.requireNonNull(picture, "picture");
            tags = Map.copyOf(tags);
        }
    }
}
