using System.Text;

namespace Aegis.Tests;

/// <summary>
/// A word that stands for what must not be written down (promise P36): tests use it as text of users, models and tools, as secret, as canary token and as personal data, and no
/// output of anything may hold it. <c>.ci/run</c> looks for it in the logs and results of all suites with <c>eng/taint.sh</c>, so that it stands in no name of a test either.
/// </summary>
internal static class Taint
{
    public const string Word = "S3CR3T-TAINT";

    /// <summary>What it looks like when somebody has encoded it: as it is, in Base64 wherever it begins, in hexadecimal digits.</summary>
    private static readonly string[] Forms =
    [
        Word,
        .. Enumerable.Range(0, 3).Select(static shift => Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('.', shift) + Word))[(shift == 0 ? 0 : 4)..^4]),
        Convert.ToHexString(Encoding.UTF8.GetBytes(Word)),
    ];

    public static bool IsIn(string? text) => text is not null && Array.Exists(Forms, form => text.Contains(form, StringComparison.OrdinalIgnoreCase));
}
