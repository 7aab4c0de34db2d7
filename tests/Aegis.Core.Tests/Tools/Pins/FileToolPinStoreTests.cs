using Aegis.Core.Tests.Sessions;
using Aegis.Tools;

namespace Aegis.Core.Tests.Tools.Pins;

public sealed class FileToolPinStoreTests : IDisposable
{
    private static readonly SessionId Session = new("s");

    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-pins-").FullName;

    private string PinPath => Path.Combine(_folder, "tools.pins.json");

    public static TheoryData<string, string> Broken => new(
        ("", "the pin file is not JSON (line 1)"),
        ("{", "the pin file is not JSON (line 1)"),
        ("[]", "the pin file is no object"),
        ("""{"version":2,"pins":[]}""", "the pin file has another version than 1"),
        ("""{"version":"1","pins":[]}""", "the pin file has another version than 1"),
        ("""{"pins":[]}""", "the pin file lacks a member"),
        ("""{"version":1,"pins":[],"more":1}""", "the pin file has a member that is unknown or stands there twice"),
        ("""{"version":1,"version":1,"pins":[]}""", "the pin file has a member that is unknown or stands there twice"),
        ("""{"version":1,"pins":{}}""", "'pins' of the pin file is not a list of at most 4096 pins"),
        ("""{"version":1,"pins":[1]}""", "pin 1 of the pin file is no object"),
        ("""{"version":1,"pins":[{"server":"","name":"get","content":"","hash":""}]}""", "pin 1 of the pin file is none"),
        ("""{"version":1,"pins":[{"server":"","name":"get","content":null,"hash":""}]}""", "pin 1 of the pin file has a value that is no text"),
        ("""{"version":1,"pins":[{"server":"","name":"\ud800","content":"","hash":""}]}""", "the pin file has a text that is none"),
        ($$"""{"version":1,"pins":[{"server":"","name":"get","content":"{{new string('0', 64)}}","hash":"{{new string('0', 64)}}"}]}""", "pin 1 of the pin file has a hash that is not the one of its name and content"));

    [Fact]
    public async Task WhatWasApprovedIsApprovedAfterARestart()
    {
        Assert.Equal("get", await Shown(Guard(), Tool("get")));
        Assert.Equal("", await Shown(Guard(), Tool("get", "Gets more.")));
        Assert.Equal("get", await Shown(Guard(), Tool("get")));
    }

    [Fact]
    public async Task ApprovingAgainHoldsAfterARestartAndForWhoeverSharesTheFile()
    {
        var (one, other) = (Guard(), Guard());
        await Shown(one, Tool("get"));
        Assert.Equal("", await Shown(other, Tool("get", "Gets more.")));
        await one.Tools.ApproveAsync(Assert.Single(other.Tools.Refused).Pin, Given.Cancel);
        Assert.Equal("get", await Shown(other, Tool("get", "Gets more.")));
        Assert.Equal("get", await Shown(Guard(), Tool("get", "Gets more.")));
    }

    [Fact]
    public async Task TheFileIsSortedAndWrittenOnlyWhenSomethingChanges()
    {
        await Shown(Guard(), Tool("send"), Tool("get"), Tool("find", server: "a"));
        var text = await File.ReadAllTextAsync(PinPath, Given.Cancel);
        Assert.Equal(["\"name\": \"get\"", "\"name\": \"send\"", "\"name\": \"find\""], text.Split('\n').Select(static line => line.Trim().TrimEnd(',')).Where(static line => line.StartsWith("\"name\"", StringComparison.Ordinal)));
        File.SetAttributes(PinPath, FileAttributes.ReadOnly);
        var written = File.GetLastWriteTimeUtc(PinPath);
        await Shown(Guard(), Tool("send"), Tool("get"));
        await Shown(Guard(), Tool("send", "Sends more."), Tool("get"));
        Assert.Equal(written, File.GetLastWriteTimeUtc(PinPath));
        File.SetAttributes(PinPath, FileAttributes.Normal);
        Assert.Equal([PinPath, $"{PinPath}.lock"], Directory.GetFiles(_folder).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Broken))]
    public async Task ABrokenFileRefusesEveryToolAndSaysWhy(string text, string why)
    {
        await File.WriteAllTextAsync(PinPath, text, Given.Cancel);
        var guard = Guard();
        Assert.Equal("", await Shown(guard, Tool("get"), Tool("send")));
        Assert.Equal([("tool/pins-unreadable", why), ("tool/pins-unreadable", why)], guard.Tools.Refused.Select(static refused => (refused.Rule, refused.Detail)));
        Assert.Equal("tool/pins-unreadable", await guard.RuleOf(new ToolCall("get", ToolArguments.Empty) { Tools = guard.ToolsetOf([Tool("get")]) }, Session));
        await Assert.ThrowsAsync<ToolPinException>(() => guard.Tools.ApproveAsync(guard.Tools.Refused[0].Pin, Given.Cancel).AsTask());
        Assert.Equal(text, await File.ReadAllTextAsync(PinPath, Given.Cancel));   // nobody writes over it

        await File.WriteAllTextAsync(PinPath, """{"version":1,"pins":[]}""", Given.Cancel);
        Assert.Equal("get send", await Shown(guard, Tool("get"), Tool("send")));
        Assert.Empty(guard.Tools.Refused);
    }

    [Fact]
    public async Task ATwiceNamedPinIsABrokenFile()
    {
        await Shown(Guard(), Tool("get"));
        var text = await File.ReadAllTextAsync(PinPath, Given.Cancel);
        var pin = text[text.IndexOf('[', StringComparison.Ordinal)..(text.LastIndexOf(']') + 1)].Trim('[', ']').Trim();
        await File.WriteAllTextAsync(PinPath, $$"""{"version":1,"pins":[{{pin}},{{pin}}]}""", Given.Cancel);
        Assert.Equal("", await Shown(Guard(), Tool("get")));
    }

    [Fact]
    public async Task AFileThatCannotBeMadeApprovesNothing()
    {
        var guard = Given.Guard(Given.Open, more: builder => builder.UseToolPins(Path.Combine(_folder, "missing", "tools.pins.json")));
        Assert.Equal("", await Shown(guard, Tool("get")));
        Assert.Equal("the pin file cannot be written (DirectoryNotFoundException)", Assert.Single(guard.Tools.Refused).Detail);
    }

    [Fact]
    public async Task ManyWritersLoseNothing()
    {
        var guards = Enumerable.Range(0, 4).Select(_ => Guard()).ToList();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => guards[i % 4].Tools.ApproveAsync(ToolPin.Of(Tool($"tool_{i}")), Given.Cancel).AsTask(), Given.Cancel)));
        Assert.Equal(40, PinFile.Read(await File.ReadAllBytesAsync(PinPath, Given.Cancel)).Count);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private AegisGuard Guard() => Given.Guard(Given.Open, more: builder => builder.UseTimeProvider(TimeProvider.System).UseToolPins(PinPath));

    private static ToolInfo Tool(string name, string description = "Does it.", string? server = null) => new(name) { Description = $"{description} {name}", Server = server };

    private static async Task<string> Shown(AegisGuard guard, params ToolInfo[] tools) =>
        string.Join(' ', (await guard.InspectAsync(new ModelStep(guard.ToolsetOf(tools)), Session, Given.Cancel)).Subject.Tools.Tools.Select(static tool => tool.Name));
}
