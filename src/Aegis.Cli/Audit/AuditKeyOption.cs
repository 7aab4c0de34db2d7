using System.CommandLine;
using System.Text;
using Aegis.Auditing;
using Aegis.Integrity;

namespace Aegis.Cli.Audit;

/// <summary>Keys of a log, by variables of the environment: a key in the words of a command stands in the shell's history.</summary>
internal static class AuditKeyOption
{
    private const string Prefix = "env:";

    public static Option<string[]> Create() => new("--key") { Description = "The key, as env:NAME; one of several as ID=env:NAME. Can be given several times.", AllowMultipleArgumentsPerToken = false };

    /// <exception cref="FormatException">One of them is none.</exception>
    public static AuditKeys Read(string[] said)
    {
        var keys = new List<HistoryKey>();
        HistoryKey? any = null;
        foreach (var word in said)
        {
            var (id, from) = word.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? (word[..at], word[(at + 1)..]) : (null, word);
            if (!from.StartsWith(Prefix, StringComparison.Ordinal) || from.Length == Prefix.Length || (id is not null && (!HistoryKey.IsId(id) || keys.Exists(key => key.Id == id))) || (id is null && any is not null))
            {
                throw new FormatException("--key: write env:NAME for a log of one key, or ID=env:NAME for each of several, every id once.");
            }

            if (Environment.GetEnvironmentVariable(from[Prefix.Length..]) is not { Length: > 0 } secret)
            {
                throw new FormatException($"--key: the variable {from[Prefix.Length..]} is not set. Set it to the key of the policy's audit.");
            }

            var key = new HistoryKey(id ?? "", Encoding.UTF8.GetBytes(secret), null);
            if (id is null)
            {
                any = key;
            }
            else
            {
                keys.Add(key);
            }
        }

        return new(keys) { Any = any };
    }
}
