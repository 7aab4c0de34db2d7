using System.CommandLine;
using System.Security.Cryptography;

namespace Aegis.Cli;

/// <summary>New secrets, for the environment and never for a file.</summary>
internal static class SecretCommands
{
    private const int Bytes = 32;

    public static Command Key(TextWriter output) => new("key", "Keys for signatures and audit logs.")
    {
        Make("new", "Writes a new key of 256 random bits, in Base64.", () => output.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)))),
    };

    public static Command Canary(TextWriter output) => new("canary", "Canary tokens: words that no answer may ever contain.")
    {
        Make("new", "Writes a new canary token of 128 random bits.", () => output.WriteLine($"aegis-canary-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes / 2))}")),
    };

    private static Command Make(string name, string description, Action act)
    {
        var command = new Command(name, description);
        command.SetAction(_ =>
        {
            act();
            return ExitCode.Clean;
        });
        return command;
    }
}
