package org.wherefore.connector.dicom.internal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.data.spi.ImageDecoder;

/**
 * DICOM images, first frame, first window. What comes out besides the picture is in {@link #tags}: no text of the file, but codes from closed
 * lists and a keyed hash of its UID. Thread-safe; writes no image file.
 */
@Component(service = ImageDecoder.class)
public final class DicomDecoder implements ImageDecoder {
    private static final Set<String> MODALITIES = Set.of("BI", "CR", "CT", "DX", "ES", "GM", "IO", "IVOCT", "IVUS", "MG", "MR", "NM", "OCT", "OP", "PT",
            "PX", "RF", "RTIMAGE", "SEG", "SM", "US", "XA", "XC");
    private final Pseudonyms pseudonyms;

    @Activate
    public DicomDecoder(BundleContext context) {
        this(home(context));
    }

    DicomDecoder(Path home) {
        this.pseudonyms = new Pseudonyms(home);
    }

    static Path home(BundleContext context) {
        String home = context.getProperty("wherefore.home");
        return home == null ? null : Path.of(home);
    }

    @Override
    public String name() {
        return "dicom";
    }

    @Override
    public boolean supports(byte[] head) {
        return Parser.is(head);
    }

    @Override
    public Decoded decode(byte[] bytes) {
        DataElements data = Parser.parse(bytes);
        DicomImage image = new DicomImage(data);
        return new Decoded(image.frame(0, null), tags(data, image, pseudonyms));
    }

    /** What is told of an image: nothing that the file's author could have put a name into. */
    static Map<String, String> tags(DataElements data, DicomImage image, Pseudonyms pseudonyms) {
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("format", "dicom");
        tags.put("de-identified", "true");
        String modality = data.text(Tags.MODALITY);
        tags.put("modality", MODALITIES.contains(modality) ? modality : "OT");
        tags.put("photometric", image.photometric());
        tags.put("bits", Integer.toString(image.bits()));
        tags.put("frames", Integer.toString(image.frames()));
        tags.put("window", Window.of(data) == null ? "range" : "file");
        // Text may be drawn into the picture itself, where no profile finds it.
        tags.put("burned-in-text", switch (data.text(Tags.BURNED_IN)) {
            case "YES" -> "yes";
            case "NO" -> "no";
            default -> "unknown";
        });
        if (data.has(Tags.SOP_INSTANCE)) {
            tags.put("uid", pseudonyms.uid(data.text(Tags.SOP_INSTANCE)));
        }
        return tags;
    }
}
