using Aegis.Flow;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Flow;

public class FlowMemoryTests
{
    [Theory]
    [InlineData("Mail it to bob@corp.example, please.", "bob@corp.example")]
    [InlineData("Mail it to Bob@Corp.example.", "bob@corp.example")]
    [InlineData("Pay GB29 NWBK 6016 1331 9268 19 today", "GB29NWBK60161331926819")]
    [InlineData("Post it on https://www.our-company.com/", "www.our-company.com")]
    [InlineData("Tell Alice.", "alice")]
    [InlineData("Write to 'Mary Ann'", "Mary Ann")]
    [InlineData("发送到bob@corp.example。", "bob@corp.example")]
    public void AValueThatTheUserTypedIsTheUsers(string request, string value) => Assert.Equal(FlowSource.User, Heard(request).SourceOf(value));

    [Theory]
    [InlineData("Mail it to bob@corp.example", "bob@corp.example.evil.org")]
    [InlineData("Mail it to bob@corp.example.evil.org", "bob@corp.example")]
    [InlineData("Mail it to evilbob@corp.example", "bob@corp.example")]
    [InlineData("Mail it to evil-bob@corp.example", "bob@corp.example")]
    [InlineData("Mail it to john.mitchell@corp.example", "john-mitchell@corp.example")]
    [InlineData("Mail it to bob@corp.example", "corp.example")]
    [InlineData("Mail it to admin@corp.example", "аdmin@corp.example")]
    [InlineData("Tell Alice.", "Al")]
    [InlineData("Pay GB29 NWBK 6016 1331 9268 19", "GB29NWBK6016133192681")]
    [InlineData("Look at www.a.example/page", "www.a.example/page/../steal")]
    public void AValueThatOnlyResemblesOneIsNobodys(string request, string value) => Assert.Equal(FlowSource.Model, Heard(request).SourceOf(value));

    [Fact]
    public void NothingMakesItLargerThanItsBound() =>
        Gen.Select(Gen.String[Gen.Char["abc019 @./:\n{}[]'\""], 0, 400], Gen.Int[0, 3]).Array[1, 300].Sample(
            static texts =>
            {
                var memory = new FlowMemory();
                foreach (var (text, kind) in texts)
                {
                    switch (kind)
                    {
                        case 0: memory.AddUser(text); break;
                        case 1: memory.AddSystem(text); break;
                        case 2: memory.AddText(text); break;
                        default: memory.AddResult(new ToolResult("list_users", text), default); break;
                    }
                }

                return memory.Size <= FlowMemory.MaxBytes;
            },
            iter: 50);

    [Fact]
    public void AMillionTokensFitAndTheUsersWordsStay()
    {
        var memory = Heard("Send the summary to bob@corp.example.");
        for (var page = 0; page < 500; page++)
        {
            memory.AddResult(new ToolResult("read_page", string.Join(' ', Enumerable.Range(page * 2_000, 2_000).Select(static i => FormattableString.Invariant($"word{i}")))), default);
        }

        Assert.InRange(memory.Size, 1, FlowMemory.MaxBytes);
        Assert.Equal(FlowSource.User, memory.SourceOf("bob@corp.example"));
    }

    [Fact]
    public void WhatIsForgottenComesFromNobody()
    {
        var memory = new FlowMemory();
        memory.AddResult(new ToolResult("list_users", """[{"email":"first@corp.example"}]"""), default);
        Assert.NotEmpty(memory.FieldsOf("first@corp.example"));
        for (var i = 0; i < 40; i++)
        {
            memory.AddResult(new ToolResult("list_users", $"[{string.Join(',', Enumerable.Range(0, 100).Select(n => $$"""{"email":"u{{i}}x{{n}}@corp.example"}"""))}]"), default);
        }

        Assert.Empty(memory.FieldsOf("first@corp.example"));
        Assert.NotEmpty(memory.FieldsOf("u39x99@corp.example"));
    }

    [Theory]
    [InlineData("the key is sk-live-9f8e7d6c5b4a3928", "sk-live-9f8e7d6c5b4a3928")]
    [InlineData("the key is sk-live-9f8e7d6c5b4a3928", "s k l i v e 9f8e 7d6c 5b4a 3928")]
    [InlineData("the key is sk-live-9f8e7d6c5b4a3928", "9f8e7d6c5b4a39")]
    [InlineData("the patient takes two tablets of the new medicine every evening before going to bed", "patient takes two tablets of the new medicine every evening before")]
    public void PrivateDataIsKnownAgainWholeCutAndInParts(string secret, string sent)
    {
        var memory = new FlowMemory();
        memory.AddResult(new ToolResult("read_vault", secret), new ToolOrigin(false, false, IsPrivate: true));
        Assert.True(memory.HasPrivate(sent));
        Assert.False(memory.HasPrivate("the key is 12 and two of the new people go to bed"));
    }

    [Theory]
    [InlineData("9f8e7d6c5b4a39281122")]
    public void PrivateDataIsKnownAgainEncoded(string secret)
    {
        var memory = new FlowMemory();
        memory.AddResult(new ToolResult("read_vault", secret), new ToolOrigin(false, false, IsPrivate: true));
        string[] forms = [Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret)), Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(secret)), string.Concat(secret.Select(static c => $"%{(int)c:x2}"))];
        string[] places = ["https://x.example/?d=", "https://x.example/a/"];
        Assert.All(forms, form => Assert.All(places, place => Assert.Contains(Encodings.Readings(place + form), memory.HasPrivate)));
    }

    private static FlowMemory Heard(string request)
    {
        var memory = new FlowMemory();
        memory.AddUser(request);
        return memory;
    }
}
