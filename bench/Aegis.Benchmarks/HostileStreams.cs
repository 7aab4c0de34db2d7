namespace Aegis.Benchmarks;

/// <summary>Answers that look all the time as if a value were about to come.</summary>
internal static class HostileStreams
{
    /// <summary>Each about so many characters long; several answers where one would be ended by a finding.</summary>
    public static IEnumerable<(string Name, string[] Answers)> Of(int length)
    {
        var random = new Random(3);
        yield return ("dots", [Texts.Repeated("a.", length)]);
        yield return ("MRN and blanks", ["MRN" + new string(' ', length)]);
        yield return ("digits", [string.Concat(Enumerable.Range(0, length).Select(_ => (char)('0' + random.Next(10))))]);
        yield return ("groups of digits", [Texts.Repeated("4539 1488 0343 ", length)]);
        yield return ("openings", [Texts.Repeated("-----BEGIN ", length)]);
        yield return ("openings on lines", [Texts.Repeated("-----BEGIN A\n", length)]);
        yield return ("Base64", [Convert.ToBase64String(Bytes(random, length / 4 * 3))]);
        yield return ("addresses without an end", [Texts.Repeated("a@", length)]);
        yield return ("passwords", [Texts.Repeated("password: ", length)]);
        yield return ("blanks", [new string(' ', length)]);
        yield return ("near misses", [.. Taken(Texts.NearValues(), length)]);
    }

    private static IEnumerable<string> Taken(string[] texts, int length)
    {
        for (var i = 0; length > 0 && i < texts.Length; i++)
        {
            length -= texts[i].Length;
            yield return texts[i];
        }
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
