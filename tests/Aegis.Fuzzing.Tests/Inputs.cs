using Aegis.Docs.Tests;

namespace Aegis.Fuzzing.Tests;

/// <summary>The inputs that are kept for a target, and others made of them.</summary>
internal static class Inputs
{
    private static readonly byte[][] Pieces = [.. ((string[])["\"", "{", "}", "[", "]", ":", ",", "\\", "\\u0069", "\\ud83d", "%2e", "&#105;", "\u200B", "\u0301", "\uFEFF", "\0", "\n", "null", "1e400", "-0", "@", "../", "https://", "$type", "role", "user", "tool", "assistant"]).Select(System.Text.Encoding.UTF8.GetBytes)];

    public static IReadOnlyList<string> Seeds(string target) => Files("Seeds", target);

    /// <summary>Of the seeds, and of what was found, all.</summary>
    public static IReadOnlyList<string> Kept(string target) => [.. Files("Seeds", target), .. Files("Found", target)];

    /// <summary>A law holds for every input that is kept; the exception names the file that breaks it.</summary>
    public static void Replay(IFuzzTarget target, string name)
    {
        foreach (var file in Kept(name))
        {
            Run(target, File.ReadAllBytes(file), () => Path.GetFileName(file));
        }
    }

    /// <summary>How many of the seeds break the law of a target.</summary>
    public static int Broken(IFuzzTarget target, string name) => Seeds(name).Count(file =>
    {
        try
        {
            target.Run(File.ReadAllBytes(file));
            return false;
        }
        catch (LawBrokenException)
        {
            return true;
        }
    });

    /// <summary>A law holds for so many inputs, one in eight of random bytes and the others made of those that are kept.</summary>
    public static void Invent(Func<IFuzzTarget> make, string name, int count, int seed)
    {
        var kept = Kept(name).Select(File.ReadAllBytes).ToArray();
        Parallel.For(0, 4, part =>
        {
            var (target, random) = (make(), new Random(seed + part));
            for (var i = 0; i < count / 4; i++)
            {
                var input = random.Next(8) == 0 ? Random(random) : Mutated(kept, random);
                Run(target, input, () => Convert.ToBase64String(input));
            }
        });
    }

    private static void Run(IFuzzTarget target, byte[] input, Func<string> name)
    {
        try
        {
            target.Run(input);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{name()}: {e.GetType().Name}: {e.Message}", e);
        }
    }

    private static byte[] Random(Random random)
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Mutated(byte[][] kept, Random random)
    {
        List<byte> bytes = [.. kept[random.Next(kept.Length)]];
        for (var changes = 1 + random.Next(5); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = Math.Min(random.Next(16), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 5:
                    var other = kept[random.Next(kept.Length)];
                    bytes = [.. bytes[..at], .. other[random.Next(other.Length)..]];
                    break;
                default:
                    bytes[random.Next(Math.Min(bytes.Count, 4))] = (byte)random.Next(256);   // what decides stands at the start
                    break;
            }

            if (bytes.Count == 0)
            {
                bytes.Add(0);
            }
        }

        return [.. bytes];
    }

    private static string[] Files(string kind, string target) =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "fuzz", "Aegis.Fuzzing", kind, target)).Where(static file => !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal)];
}
