package org.wherefore.rest.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** One file a job, as REST shows it, written at each change of state: what a later server knows of it. Thread-safe for different jobs. */
record JobFiles(Path folder) {
    private static final System.Logger LOG = System.getLogger(JobFiles.class.getName());
    private static final String END = ".json";

    /** @throws WhereforeException {@code STORAGE} */
    void save(Jobs.Job job) {
        Path file = folder.resolve(job.id() + END);
        try {
            Files.createDirectories(folder);
            Path temp = folder.resolve(job.id() + ".tmp");
            Files.write(temp, Json.bytes(job::write));
            Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the job can't be written to " + file + ": " + e, e);
        }
    }

    void delete(String id) {
        try {
            Files.deleteIfExists(folder.resolve(id + END));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the job {0} is forgotten, its file stays: {1}", id, e.toString());
        }
    }

    /** The jobs of earlier servers, oldest first; a file that is none is left alone and told in the log. */
    List<Jobs.Job> load() {
        List<Jobs.Job> out = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path f : files.filter(p -> p.getFileName().toString().endsWith(END)).toList()) {
                try {
                    byte[] bytes = Files.readAllBytes(f);
                    JsonNode node = Json.parse(bytes, 0, bytes.length, 0);
                    out.add(new Jobs.Job(node));
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "{0} holds no job: {1}", f, e.toString());
                }
            }
        } catch (NoSuchFileException e) {
            return out;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the jobs in {0} can't be read, they stay unknown: {1}", folder, e.toString());
        }
        out.sort(Comparator.comparing(Jobs.Job::created));
        return out;
    }
}
