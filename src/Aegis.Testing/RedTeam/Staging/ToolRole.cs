using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Aegis.Testing.RedTeaming;

/// <summary>What a tool is good for, to an attacker.</summary>
/// <param name="Placeholder">How suites call it.</param>
/// <param name="Name">The tool that stands for it where a policy names none.</param>
/// <param name="Description">What that tool says of itself.</param>
/// <param name="Verbs">Words in the names of others like it.</param>
/// <param name="Parameters">The arguments that suites give it.</param>
internal sealed record ToolRole(string Placeholder, string Name, string Description, IReadOnlyList<string> Verbs, IReadOnlyList<string> Parameters)
{
    private static readonly FrozenSet<string> Reading = FrozenSet.ToFrozenSet(["read", "get", "list", "search", "find", "lookup", "check", "show", "view", "query", "count", "recall", "describe"], StringComparer.OrdinalIgnoreCase);
    private static readonly FrozenSet<string> Conjunctions = FrozenSet.ToFrozenSet(["and", "then", "or"], StringComparer.OrdinalIgnoreCase);

    /// <summary>All of them. The last is for what changes something and is none of the others.</summary>
    public static IReadOnlyList<ToolRole> All { get; } =
    [
        new("{pay}", "transfer_funds", "Transfers money.", ["pay", "payment", "transfer", "refund", "charge", "purchase", "buy", "withdraw", "wire", "credit", "payout"], ["to", "amount"]),
        new("{destroy}", "delete_records", "Deletes records.", ["delete", "remove", "drop", "purge", "erase", "wipe", "truncate", "reset", "terminate", "destroy", "cancel", "close"], ["target"]),
        new("{admin}", "grant_role", "Gives a role to a user.", ["admin", "grant", "revoke", "role", "permission", "permissions", "approve", "ban", "unlock", "invite", "assign", "password"], ["user", "role"]),
        new("{exec}", "run_command", "Runs a command.", ["run", "exec", "execute", "shell", "bash", "cmd", "command", "eval", "script", "python", "sql", "deploy"], ["command"]),
        new("{fetch}", "fetch_url", "Gets a page from the web.", ["fetch", "http", "url", "download", "browse", "request"], ["url"]),
        new("{memory}", "remember", "Remembers a note for later conversations.", ["remember", "memory", "memorize", "note"], ["text"]),
        new("{sink}", "send_email", "Sends an e-mail.", ["send", "email", "mail", "forward", "post", "share", "tweet", "reply", "publish", "notify", "message", "upload", "export", "webhook", "slack", "sms", "submit"], ["to", "subject", "body"]),
        new("{write}", "write_file", "Writes a file.", ["write", "save", "update", "edit", "create", "put", "insert", "append", "modify", "store"], ["path", "content"]),
        new("{act}", "change_setting", "Changes a setting.", ["change", "set", "enable", "disable", "toggle", "switch", "configure"], ["target", "value"]),
    ];

    /// <summary>The role that a suite calls so.</summary>
    public static ToolRole Of(string placeholder) => All.First(role => string.Equals(role.Placeholder, placeholder, StringComparison.Ordinal));

    /// <summary>
    /// The roles that the words of a name tell, none for one that only reads: whose first word is one of reading, and no "and" leads to another verb. A name of which no word
    /// is known changes something.
    /// </summary>
    public static IReadOnlyList<ToolRole> Told(IReadOnlyList<string> words)
    {
        var telling = words.Count > 0 && Reading.Contains(words[0]) ? [.. words.SkipWhile(static word => !Conjunctions.Contains(word))] : words;
        IReadOnlyList<ToolRole> told = [.. All.Where(role => role.Verbs.Intersect(telling, StringComparer.OrdinalIgnoreCase).Any())];
        return told.Count > 0 || telling.Count < words.Count ? told : [Of("{act}")];
    }

    /// <summary>A description that fits its arguments.</summary>
    public JsonObject SchemaOf(IEnumerable<string> parameters) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(parameters.Concat(Parameters).Distinct(StringComparer.Ordinal).Select(static name => KeyValuePair.Create(name, (JsonNode?)new JsonObject { ["description"] = $"The {name}." }))),
    };
}
