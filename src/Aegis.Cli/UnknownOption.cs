using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Aegis.Cli;

/// <summary>A misspelt option, which the parser takes for the text that a command reads.</summary>
internal static partial class UnknownOption
{
    /// <summary>What the argument is called that takes any text.</summary>
    public const string Text = "TEXT";

    /// <summary>Says so, or null. Behind <c>--</c> every word is a text.</summary>
    public static string? In(ParseResult words) =>
        words.CommandResult.Children.OfType<ArgumentResult>().FirstOrDefault(static argument => argument.Argument.Name == Text)?.Tokens is [var text]
        && Shape().IsMatch(text.Value)
        && words.Tokens.TakeWhile(static token => token.Type != TokenType.DoubleDash).Any(token => token.Value == text.Value)
            ? $"Unrecognized option '{text.Value}'. To {words.CommandResult.Command.Name} it as text, write it behind '--'."
            : null;

    /// <summary>Two dashes and a word; a line of dashes, or a text behind some, is none.</summary>
    [GeneratedRegex(@"^--[A-Za-z][A-Za-z0-9-]*(=.*)?$", RegexOptions.NonBacktracking)]
    private static partial Regex Shape();
}
