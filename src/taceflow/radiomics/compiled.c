/* What is counted voxel by voxel: `compiled.py` compiles this file and says what each function does.

   Arrays of grey levels are in z, y, x, 0 outside the mask, with a border of 0 of `margin` voxels,
   at least as wide as the longest step. `shape` holds their sides, border included; `steps` holds
   z, y, x of each direction, of which the first that is not 0 is positive. */

#include <math.h>
#include <stdint.h>

static int64_t offset_of(const int64_t *step, const int64_t *shape)
{
    return (step[0] * shape[1] + step[1]) * shape[2] + step[2];
}

void count_neighbours(const int32_t *levels, const int64_t *shape, int64_t margin,
                      const int64_t *steps, int64_t directions, int32_t alpha, int64_t most,
                      double *glcm, double *gldm, double *ngtdm)
{
    int64_t offsets[directions], sizes = 4 * directions + 1;
    for (int64_t a = 0; a < directions; a++)
        offsets[a] = offset_of(steps + 3 * a, shape);
    for (int64_t z = margin; z < shape[0] - margin; z++)
        for (int64_t y = margin; y < shape[1] - margin; y++) {
            const int32_t *row = levels + (z * shape[1] + y) * shape[2];
            for (int64_t x = margin; x < shape[2] - margin; x++) {
                const int32_t *here = row + x;
                const int32_t level = *here;
                if (!level)
                    continue;
                double *pairs = glcm + (level - 1) * most * directions;
                int64_t sum = 0, count = 0, alike = 0;
                for (int64_t a = 0; a < directions; a++) {
                    const int32_t after = here[offsets[a]], before = here[-offsets[a]];
                    if (after)
                        pairs[(after - 1) * directions + a]++;
                    sum += after + before;
                    count += (after != 0) + (before != 0);
                    const int32_t up = after - level, down = before - level;
                    alike += (after != 0) & (up <= alpha) & (-up <= alpha);
                    alike += (before != 0) & (down <= alpha) & (-down <= alpha);
                }
                gldm[(level - 1) * sizes + alike]++;
                double *grey = ngtdm + (level - 1) * 3;
                grey[0]++;
                if (count)
                    grey[1] += fabs((double)level - (double)sum / (double)count);
            }
        }
}

/* Whether two voxels of the mask lie on one line, though not beside each other. */
static int meets(const int32_t *levels, const int64_t *shape, int64_t margin, const int64_t *step)
{
    for (int64_t z = margin; z < shape[0] - margin; z++)
        for (int64_t y = margin; y < shape[1] - margin; y++)
            for (int64_t x = margin; x < shape[2] - margin; x++) {
                if (!levels[(z * shape[1] + y) * shape[2] + x])
                    continue;
                int64_t i = z + step[0], j = y + step[1], k = x + step[2];
                while (i < shape[0] && j >= 0 && j < shape[1] && k >= 0 && k < shape[2]) {
                    if (levels[(i * shape[1] + j) * shape[2] + k])
                        return 1;
                    i += step[0], j += step[1], k += step[2];
                }
            }
    return 0;
}

void count_runs(const int32_t *levels, const int64_t *shape, int64_t margin, const int64_t *steps,
                int64_t directions, int64_t most, int64_t longest, uint32_t *glrlm)
{
    int64_t offsets[directions];
    int32_t joined[directions];
    for (int64_t a = 0; a < directions; a++) {
        offsets[a] = offset_of(steps + 3 * a, shape);
        joined[a] = 0;
    }
    for (int64_t z = margin; z < shape[0] - margin; z++)
        for (int64_t y = margin; y < shape[1] - margin; y++) {
            const int32_t *row = levels + (z * shape[1] + y) * shape[2];
            for (int64_t x = margin; x < shape[2] - margin; x++) {
                const int32_t *here = row + x;
                const int32_t level = *here;
                if (!level)
                    continue;
                uint32_t *runs = glrlm + (level - 1) * longest * directions;
                for (int64_t a = 0; a < directions; a++) {
                    const int64_t offset = offsets[a];
                    joined[a] |= here[offset];
                    if (here[-offset] == level)
                        continue; /* counted from where it begins */
                    int64_t length = 0;
                    for (const int32_t *next = here + offset; *next == level; next += offset)
                        length++;
                    runs[length * directions + a]++;
                }
            }
        }
    for (int64_t a = 0; a < directions; a++)
        if (!joined[a] && !meets(levels, shape, margin, steps + 3 * a))
            for (int64_t i = 0; i < most * longest; i++)
                glrlm[i * directions + a] = 0; /* the mask is flat across this direction */
}

static int64_t root_of(int32_t *parent, int64_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

void measure_zones(const int32_t *levels, const int64_t *shape, int64_t margin,
                   const int64_t *steps, int64_t directions, int32_t *parent, int32_t *sizes)
{
    int64_t offsets[directions];
    for (int64_t a = 0; a < directions; a++)
        offsets[a] = offset_of(steps + 3 * a, shape);
    const int64_t first = offset_of((int64_t[]){margin, margin, margin}, shape);
    const int64_t end = shape[0] * shape[1] * shape[2] - first;
    for (int64_t i = first; i < end; i++) {
        const int32_t level = levels[i];
        if (!level)
            continue;
        int64_t root = i;
        parent[i] = (int32_t)i;
        for (int64_t a = 0; a < directions; a++) {
            if (levels[i - offsets[a]] != level)
                continue;
            const int64_t other = root_of(parent, i - offsets[a]);
            if (other < root) {
                parent[root] = (int32_t)other;
                root = other;
            } else {
                parent[other] = (int32_t)root;
            }
        }
    }
    for (int64_t i = first; i < end; i++)
        if (levels[i]) { /* whatever comes before has its root already */
            parent[i] = parent[parent[i]];
            sizes[parent[i]]++;
        }
}

double search_pairs(const double *points, const int64_t *starts, const int64_t *first,
                    const int64_t *second, const double *bounds, int64_t pairs, double least)
{
    double square = least * least;
    for (int64_t pair = 0; pair < pairs && bounds[pair] > least; pair++)
        for (int64_t i = starts[first[pair]]; i < starts[first[pair] + 1]; i++)
            for (int64_t j = starts[second[pair]]; j < starts[second[pair] + 1]; j++) {
                const double z = points[3 * i] - points[3 * j];
                const double y = points[3 * i + 1] - points[3 * j + 1];
                const double x = points[3 * i + 2] - points[3 * j + 2];
                const double found = z * z + y * y + x * x;
                if (found > square) {
                    square = found;
                    least = sqrt(found);
                }
            }
    return least;
}
