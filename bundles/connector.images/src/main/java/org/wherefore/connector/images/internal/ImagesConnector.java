package org.wherefore.connector.images.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;
import org.wherefore.api.data.spi.ImageDecoder;

/**
 * Reads labelled images: a folder whose sub-folders are labels, a CSV that names files and says what they show, or a numpy archive.
 * Images are decoded one by one as records are asked for, by whichever {@link ImageDecoder}s are installed. Thread-safe; keeps nothing
 * between calls.
 *
 * <p>Refuses with {@code BAD_DATA} a missing file, a mapped column that is not there, an archive or a table that can't be read further;
 * with {@code INVALID_INPUT} a wrong option. A file that is no image, or a row that does not fit, is a bad record.
 */
@Component(service = DataConnector.class)
public final class ImagesConnector implements DataConnector {
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("layout", "text", "label", "of a folder: what the folders above a file say, outermost first, joined by '/': label,"
                    + " split, or - for nothing; empty: no folder says anything"),
            new Parameter("csv", "text", "", "of a folder: the CSV in it that names the files; empty: there is none"),
            new Parameter("separator", "text", ",", "of a CSV: one character, or tab"),
            new Parameter("images", "text", "images", "of a numpy archive: the array with the images, N x H x W, with 1 or 3 channels last or"
                    + " second"),
            new Parameter("labels", "text", "labels", "of a numpy archive: the array with the labels, N or N x 1"),
            new Parameter("range", "text", "", "of a numpy archive: BLACK..WHITE of its images; empty: 0..255 and 0..65535 of unsigned bytes and"
                    + " words, 0..1 of others"),
            new Parameter("names", "text", "", "what labels are called: VALUE=NAME,VALUE=NAME; empty: as they are"),
            new Parameter("split", "text", "", "the split of all records: train, validation or test; empty: what a folder or column says"));

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<ImageDecoder> decoders = List.of();

    @Activate
    public ImagesConnector() {
        // Decoders come and go.
    }

    ImagesConnector(List<ImageDecoder> decoders) {
        this.decoders = List.copyOf(decoders);
    }

    @Override
    public String name() {
        return "images";
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public DataSet open(Source source, Schema schema) {
        Parameters options = Parameters.bind("/options/", PARAMETERS, source.options());
        Path path = source.path();
        Location at = new Location(path.toString(), 1);
        if (!Files.exists(path)) {
            throw Failures.badData(at, "there is no such file or folder", null);
        }
        Table table;
        try {
            String csv = options.text("csv");
            if (Files.isDirectory(path) && csv.isEmpty()) {
                table = new FolderTable(path, options.text("layout"), new ImageFiles(path, List.copyOf(decoders)));
            } else if (Files.isDirectory(path)) {
                table = new CsvTable(path.resolve(csv), options, new ImageFiles(path, List.copyOf(decoders)));
            } else if (path.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".npz")) {
                table = new NpzTable(path, options);
            } else {
                Path folder = path.toAbsolutePath().getParent();
                table = new CsvTable(path, options, new ImageFiles(folder, List.copyOf(decoders)));
            }
        } catch (IOException e) {
            throw Failures.badData(at, "it can't be read: " + e.getClass().getSimpleName(), e);
        }
        try {
            return new Records(schema, table, new Mapping(source, schema, options, table));
        } catch (RuntimeException e) {
            table.close();
            throw e;
        }
    }

    static char separator(Parameters options) {
        String text = options.text("separator");
        if (text.equals("tab") || text.equals("\\t") || text.equals("\t")) {
            return '\t';
        }
        if (text.length() != 1 || "\"\r\n".contains(text)) {
            throw WhereforeException.invalid("/options/separator", "/options/separator: expected one character or tab, got '" + text + "'");
        }
        return text.charAt(0);
    }
}
