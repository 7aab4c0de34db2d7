using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Aegis.Policies.Documents;

/// <summary>Reads YAML as far as it says what JSON can say: no anchors, aliases, tags or second documents. Only the event parser is used: the object model dies of deep nesting.</summary>
internal sealed class YamlDocumentReader(string source, string text, PolicyErrorList errors)
{
    private readonly Parser _parser = new(new StringReader(text));
    private int _nodes;

    private ParsingEvent Current => _parser.Current!;

    /// <summary>The document; null when it cannot be read.</summary>
    public DocumentNode? Read()
    {
        try
        {
            Next();   // stream start
            Next();
            if (Current is not DocumentStart)
            {
                throw new DocumentException(PolicyErrorCodes.Syntax, At(Current.Start), "is empty. Write at least 'version: 1'.");
            }

            Next();
            var root = Value(0);
            Next();   // behind the end of the document
            return Current is StreamEnd ? root : throw new DocumentException(PolicyErrorCodes.Yaml, At(Current.Start), "a second document begins here. Put it into a file of its own.");
        }
        catch (DocumentException e)
        {
            errors.Add(e.Code, e.At, "$", e.Message);
        }
        catch (YamlException e)
        {
            errors.Add(PolicyErrorCodes.Syntax, At(e.Start), "$", $"is not YAML: {Reason(e)}.");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or OverflowException or IndexOutOfRangeException)
        {
            errors.Add(PolicyErrorCodes.Syntax, At(_parser.Current?.End ?? Mark.Empty), "$", "is not YAML: the parser gave up here.");
        }

        return null;
    }

    private static string Reason(YamlException e) => (e.InnerException as YamlException ?? e).Message.TrimEnd('.', ' ').ReplaceLineEndings(" ");

    private void Next()
    {
        if (!_parser.MoveNext())
        {
            throw new DocumentException(PolicyErrorCodes.Syntax, At(_parser.Current?.End ?? Mark.Empty), "ends in the middle.");
        }
    }

    private DocumentNode Value(int depth)
    {
        var at = At(Current.Start);
        if (depth > DocumentLimits.MaxDepth)
        {
            throw new DocumentException(PolicyErrorCodes.Limits, at, FormattableString.Invariant($"is deeper than {DocumentLimits.MaxDepth} levels. A policy has five."));
        }

        if (++_nodes > DocumentLimits.MaxNodes)
        {
            throw new DocumentException(PolicyErrorCodes.Limits, at, FormattableString.Invariant($"has more than {DocumentLimits.MaxNodes:N0} values. Split it."));
        }

        switch (Current)
        {
            case AnchorAlias:
                throw new DocumentException(PolicyErrorCodes.Yaml, at, "an alias ('*name') is not understood. Write the value out.");
            case NodeEvent { Anchor.IsEmpty: false }:
                throw new DocumentException(PolicyErrorCodes.Yaml, at, "an anchor ('&name') is not understood. Leave it out.");
            case NodeEvent { Tag.IsEmpty: false } tagged when !tagged.Tag.IsNonSpecific:
                throw new DocumentException(PolicyErrorCodes.Yaml, at, "a tag ('!name') is not understood. Leave it out.");
            case MappingStart:
                return Map(at, depth);
            case SequenceStart:
                return List(at, depth);
            case Scalar scalar:
                Next();
                return scalar.Style == ScalarStyle.Plain ? Plain(scalar.Value, at) : new(DocumentKind.Text, at) { Text = scalar.Value };
            default:
                throw new DocumentException(PolicyErrorCodes.Syntax, at, "a value is missing here.");
        }
    }

    private DocumentNode Map(DocumentPosition at, int depth)
    {
        var members = new List<DocumentMember>();
        Next();
        while (Current is not MappingEnd)
        {
            if (Current is Scalar { Style: ScalarStyle.Plain, Value: "<<" } merge)
            {
                throw new DocumentException(PolicyErrorCodes.Yaml, At(merge.Start), "a merge key ('<<') is not understood. Write the members out.");
            }

            var name = Value(depth + 1);
            if (name.Kind is DocumentKind.Map or DocumentKind.List)
            {
                throw new DocumentException(PolicyErrorCodes.Yaml, name.At, "the name of a member is a text.");
            }

            members.Add(new(name.Text, name.At, Value(depth + 1)));
        }

        Next();
        return new(DocumentKind.Map, at) { Members = members };
    }

    private DocumentNode List(DocumentPosition at, int depth)
    {
        var items = new List<DocumentNode>();
        Next();
        while (Current is not SequenceEnd)
        {
            items.Add(Value(depth + 1));
        }

        Next();
        return new(DocumentKind.List, at) { Items = items };
    }

    /// <summary>The core schema of YAML 1.2: <c>yes</c> and <c>on</c> are texts. Numbers as JSON writes them: people read <c>010</c> in two ways.</summary>
    private static DocumentNode Plain(string text, DocumentPosition at) => new(text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => DocumentKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => DocumentKind.Flag,
        _ when IsNumber(text) => DocumentKind.Number,
        _ => DocumentKind.Text,
    }, at)
    { Text = text is "True" or "TRUE" ? "true" : text is "False" or "FALSE" ? "false" : text };

    private static bool IsNumber(string text) =>
        (char.IsAsciiDigit(text[0]) || (text.Length > 1 && text[0] is '-' or '.')) && !(text.TrimStart('-') is ['0', >= '0' and <= '9', ..]) && char.IsAsciiDigit(text[^1])
        && text.All(static c => char.IsAsciiDigit(c) || c is '.' or '-' or '+' or 'e' or 'E') && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private DocumentPosition At(in Mark mark) => new(source, (int)mark.Line, (int)mark.Column);
}
