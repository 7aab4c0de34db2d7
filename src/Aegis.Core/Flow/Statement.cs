using System.Collections.Immutable;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>What an SQL statement among the arguments does: its first word says it.</summary>
/// <param name="Actions">What it does.</param>
/// <param name="IsRead">Whether it only reads.</param>
/// <param name="Tables">What it works on.</param>
internal sealed record Statement(ImmutableArray<ToolAction> Actions, bool IsRead, IReadOnlyList<string> Tables)
{
    private static readonly string[] BeforeTable = ["update", "into", "from", "table", "join"];

    private static readonly string[] Reading = ["select", "show", "describe", "explain", "with"];
    private static readonly string[] Writing = ["insert", "update", "delete", "drop", "alter", "create", "truncate", "merge", "grant", "revoke", "replace", "into", "copy", "call", "exec", "execute", "load_file", "pg_read_file", "lo_export", "xp_cmdshell", "dblink"];

    /// <summary>The one statement of a call; null: there is none, or several.</summary>
    public static Statement? Of(IReadOnlyList<ArgumentLeaf> leaves)
    {
        var sql = leaves.Where(static leaf => leaf.IsText && leaf.Name.Contains("sql", StringComparison.OrdinalIgnoreCase) || leaf.Name.Equals("query", StringComparison.OrdinalIgnoreCase) || leaf.Name.Equals("statement", StringComparison.OrdinalIgnoreCase)).ToList();
        if (sql is not [var only] || only.Value.AsSpan().TrimEnd().TrimEnd(';').Contains(';'))
        {
            return null;
        }

        string[] words = [.. WordForm.Of(only.Value)];
        return words.Length < 2 ? null
            : Reading.Contains(words[0], StringComparer.Ordinal) && !words.Intersect(Writing, StringComparer.Ordinal).Any() ? new([], IsRead: true, TablesOf(words))
            : Writing.Contains(words[0], StringComparer.Ordinal) && ToolEffectInference.Default.Of(words[0]) is { IsRead: false } chosen ? new(chosen.Actions, IsRead: false, TablesOf(words))
            : null;
    }

    private static string[] TablesOf(string[] words) => [.. words.Skip(1).Where((_, i) => BeforeTable.Contains(words[i], StringComparer.Ordinal))];
}
