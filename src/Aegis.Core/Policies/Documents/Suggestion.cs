namespace Aegis.Policies.Documents;

/// <summary>Did you mean…</summary>
internal static class Suggestion
{
    private const int Longest = 64;

    /// <summary>A sentence that names the nearest of what there is, or nothing when none is near.</summary>
    public static string For(string said, IEnumerable<string> known)
    {
        var nearest = said.Length > Longest ? null
            : known.Select(word => (Word: word, Distance: Distance(said.ToUpperInvariant(), word.ToUpperInvariant()))).Where(candidate => candidate.Distance <= Math.Max(1, Math.Min(said.Length, candidate.Word.Length) / 3)).OrderBy(static candidate => candidate.Distance).ThenBy(static candidate => candidate.Word, StringComparer.Ordinal).FirstOrDefault().Word;
        return nearest is null ? "" : $" Did you mean '{nearest}'?";
    }

    /// <summary>Optimal string alignment: insertions, deletions, replacements and swaps of neighbours (Damerau 1964).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
